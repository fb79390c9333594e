"""``rapport catalogue``: every registry, printed."""

import argparse
from collections.abc import Iterable
from dataclasses import asdict

from rapport.config.cli import setup


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options: there are none."""


def run(options: argparse.Namespace) -> int:  # noqa: ARG001
    """Print what the floors declared."""
    setup.start()
    for title, lines in _registries():
        print(f"{title}\n{'-' * len(title)}")
        for line in lines:
            print(line)
        print()
    return 0


def _registries() -> Iterable[tuple[str, Iterable[str]]]:
    from rapport.kernel.jobs import queues, schedule, tasks
    from rapport.kernel.live import topics
    from rapport.kernel.stream import reactions

    yield "Kinds of entries", _kinds()
    yield "Reactions", (f"{each.kind:<26}{each.name}" for each in reactions.all_reactions())
    yield "Channels", _channels()
    yield (
        "Queues",
        (
            f"{queue.name:<20}{queue.model._meta.label:<32}{queue.concurrency} at a time"
            f"{', outward' if queue.outward else ''}"
            for queue in queues.all_queues()
        ),
    )
    yield "Jobs", tasks.task_names()
    yield "Cron", (f"{cron.name:<40}every {cron.every}" for cron in schedule.all_crons())
    yield "Live topics", (f"{name}:<id>" for name in topics.topic_names())
    yield from _held()
    yield "Permissions", _permissions()
    yield "Routes", _routes()


def _kinds() -> Iterable[str]:
    from rapport.kernel.stream import kinds

    for stream, kind in kinds.all_kinds():
        undone = f" (undone by {kind.inverse})" if kind.inverse else ""
        yield f"{stream:<14}{kind.name:<26}{kind.audience:<10}{kind.sentence}{undone}"


def _channels() -> Iterable[str]:
    from rapport.inboxes.registry import channels

    for channel in channels():
        able = asdict(channel.capabilities)
        yield f"{channel.kind:<12}{', '.join(f'{name} {value}' for name, value in able.items())}"


def _held() -> Iterable[tuple[str, Iterable[str]]]:
    from rapport.kernel.files import references
    from rapport.kernel.search import index
    from rapport.ui import navigation

    yield "Search documents", (each.name for each in index.kinds())
    yield "Who holds files", (each.name for each in references.holders())
    yield (
        "Navigation",
        (f"{item.section:<12}{item.key:<24}{item.permission or '-'}" for item in navigation.items()),
    )


def _permissions() -> Iterable[str]:
    from rapport.staff.permissions import ROLE_PERMISSIONS, Permission

    for permission in Permission:
        able = [role.value for role, allowed in ROLE_PERMISSIONS.items() if permission in allowed]
        yield f"{permission:<26}{', '.join(able)}"


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
