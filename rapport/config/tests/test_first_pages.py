"""The pages that people open first are made before anybody does."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.config import first_pages
from rapport.kernel.web import render
from tests import world


@pytest.fixture
def made(db):
    """A world with one conversation."""
    made = world.build()
    world.receive(made.inbox, world.mail(to=made.inbox.address))
    return made


@pytest.mark.usefixtures("made")
def test_the_first_click_after_a_start_waited_for_what_every_later_one_finds(caplog):
    render._speaking.cache_clear()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        first_pages.make()
    templates = {key[1] for key in render._speaking("en").cache}
    assert {"workspace/inbox.html", "workspace/conversation.html", "workspace/search.html"} <= templates
    assert {query["sql"].split()[0].lstrip("(") for query in asked} <= {"SELECT", "WITH"}
    assert not caplog.records


def test_without_an_administrator_nothing_is_made_and_nothing_said(db, caplog):
    first_pages.make()
    assert not caplog.records
