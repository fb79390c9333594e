"""``rapport catalogue`` names what upper floors have put into every registry of the lower ones."""

import argparse

import pytest

from rapport.config.cli import catalogue
from rapport.inboxes.registry import channels
from rapport.kernel.files import references
from rapport.kernel.jobs import queues, schedule, tasks
from rapport.kernel.live import topics
from rapport.kernel.search import index
from rapport.kernel.stream import kinds, reactions
from rapport.staff.permissions import Permission
from rapport.staff.roles import Role
from rapport.ui import navigation


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What is printed, by its titles."""
    assert catalogue.run(argparse.Namespace()) == 0
    parts = capsys.readouterr().out.strip().split("\n\n")
    return {part.partition("\n")[0]: part for part in parts}


def test_registries_were_left_out(printed: dict[str, str]) -> None:
    named = {
        "Kinds of entries": [kind.name for _stream, kind in kinds.all_kinds()],
        "Reactions": [reaction.name for reaction in reactions.all_reactions()],
        "Channels": [channel.kind for channel in channels()],
        "Queues": [queue.name for queue in queues.all_queues()],
        "Jobs": list(tasks.task_names()),
        "Cron": [cron.name for cron in schedule.all_crons()],
        "Live topics": [f"{name}:<id>" for name in topics.topic_names()],
        "Search documents": [each.name for each in index.kinds()],
        "Who holds files": [each.name for each in references.holders()],
        "Navigation": [item.key for item in navigation.items()],
        "Permissions": [*Permission, *Role],
    }
    missing = {
        title: [name for name in names if name not in printed.get(title, "")]
        for title, names in named.items()
    }
    assert {title: names for title, names in missing.items() if names} == {}
    assert all(named.values())


def test_a_kind_names_what_undoes_it(printed: dict[str, str]) -> None:
    (line,) = [
        line for line in printed["Kinds of entries"].splitlines() if line.split()[1:2] == ["brand.archived"]
    ]
    assert "brand.restored" in line
