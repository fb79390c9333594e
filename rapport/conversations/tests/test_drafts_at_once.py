"""A draft is saved for the first time while the same agent sends: neither waits for the other for ever."""

import threading

import pytest
from django.db import connection, transaction

from rapport.conversations.actions.drafts import Outdated, save_draft
from rapport.conversations.actions.lock import lock
from rapport.conversations.actions.note import add_note
from rapport.conversations.models import Draft, Note
from tests import world
from tests.world import conversation_of, mail, receive

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_first_save_of_a_draft_and_sending_waited_for_each_other() -> None:
    company = world.build()
    conversation = conversation_of(receive(company.inbox, mail()))
    agent, begun, ended = company.agent(), threading.Event(), []

    def save() -> None:
        begun.set()
        try:
            kept = {"kind": "note", "html": "<p>Half</p>", "nonce": "form", "save": 1}
            save_draft(agent=agent, conversation=conversation, **kept)  # type: ignore[arg-type]
            ended.append("saved")
        except Outdated:
            ended.append("too late")
        finally:
            connection.close()

    saving = threading.Thread(target=save)
    with transaction.atomic():
        lock(conversation.pk)
        saving.start()
        begun.wait(10)
        # Long enough for it to come as far as it can beside a transaction that is still open.
        saving.join(0.5)
        add_note(agent=agent, conversation_id=conversation.pk, html="<p>Whole</p>", nonce="form")
    saving.join(20)
    # On PostgreSQL the save goes through beside the lock, on SQLite it waits and comes too late.
    assert ended == ["saved" if connection.vendor == "postgresql" else "too late"]
    assert Note.objects.get().text == "Whole"
    assert not Draft.objects.exists()
