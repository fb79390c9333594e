"""What a start of the demo leaves alone, and what an interrupted one leaves behind."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rapport.conversations.models import Conversation
from rapport.customers.models import Customer
from rapport.demo import run
from rapport.demo.build import build
from rapport.demo.models import Built
from rapport.demo.story import tell
from rapport.inboxes.models import RawInbound
from rapport.kernel.clock import now
from rapport.staff.models import Agent, AuditEntry
from rapport.staff.tests.people import person

pytestmark = pytest.mark.django_db


class Interrupted(Exception):
    pass


def test_a_real_installation_is_left_alone(capsys):
    person()
    with pytest.raises(SystemExit) as end:
        run.prepare()
    assert end.value.code == run.CANNOT_WORK
    assert "a folder of its own" in capsys.readouterr().err
    assert Agent.objects.count() == 1
    assert not Built.objects.exists()


def test_an_interrupted_build_leaves_nothing():
    said = []

    def say(text: str) -> None:
        said.append(Conversation.objects.count())
        raise Interrupted

    until = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
    story = tell(until.date(), until=until)
    before = now()
    with pytest.raises(Interrupted):
        build(replace(story, conversations=story.conversations[:3]), seed=1, say=say)
    assert said == [3]
    for model in (Agent, Conversation, Customer, RawInbound, AuditEntry, Built):
        assert not model.objects.exists(), model
    assert now() >= before


def test_the_processes_of_a_real_installation_began_as_a_demo(capsys, settings):
    person()
    settings.DEMO = True
    with pytest.raises(SystemExit) as end:
        run.refuse_another_company()
    assert end.value.code == run.CANNOT_WORK
    assert "RAPPORT_DEMO" in capsys.readouterr().err


def test_the_processes_of_the_demo_and_of_no_demo_may_begin(settings):
    settings.DEMO = True
    run.refuse_another_company()
    Built.objects.create(at=now(), seed=1, until=now())
    person()
    run.refuse_another_company()
    Built.objects.all().delete()
    settings.DEMO = False
    run.refuse_another_company()
