"""``rapport catalogue``: every registry, printed."""

import argparse
from collections.abc import Iterable

from rapport.config.cli import setup


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options: there are none."""


def run(options: argparse.Namespace) -> int:  # noqa: ARG001
    """Print what the floors declared."""
    setup.start()
    from rapport.kernel.jobs import queues, schedule, tasks
    from rapport.kernel.live import topics
    from rapport.kernel.stream import kinds, reactions

    _print(
        "Kinds of entries",
        (
            f"{stream:<14}{kind.name:<26}{kind.audience:<10}{kind.sentence}"
            for stream, kind in kinds.all_kinds()
        ),
    )
    _print("Reactions", (f"{reaction.kind:<26}{reaction.name}" for reaction in reactions.all_reactions()))
    _print(
        "Queues",
        (
            f"{queue.name:<20}{queue.model._meta.label:<32}{queue.concurrency} at a time"
            f"{', outward' if queue.outward else ''}"
            for queue in queues.all_queues()
        ),
    )
    _print("Jobs", tasks.task_names())
    _print("Cron", (f"{cron.name:<30}every {cron.every}" for cron in schedule.all_crons()))
    _print("Live topics", (f"{name}:<id>" for name in topics.topic_names()))
    _print("Routes", _routes())
    return 0


def _routes() -> Iterable[str]:
    from django.urls import URLPattern, URLResolver, get_resolver

    from rapport.config.policy import LIVE
    from rapport.kernel.web import door

    def walk(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterable[str]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                yield f"/{route:<60}{door.of(pattern.callback) or POLICY.get(pattern.name or '', '?')}"

    from rapport.config.policy import POLICY

    yield from walk(get_resolver().url_patterns, "")
    yield from (f"{route:<61}{needed}" for route, needed in LIVE.items())


def _print(title: str, lines: Iterable[str]) -> None:
    print(f"{title}\n{'-' * len(title)}")
    for line in lines:
        print(line)
    print()
