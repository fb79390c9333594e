"""A mail is placed by hand while another one of its sender comes into the same conversation."""

import threading

import pytest
from django.db import connection, transaction

from rapport.channels.ingest.decide import place_by_hand
from rapport.channels.ingest.sender import person_of
from rapport.conversations.actions.lock import lock
from rapport.conversations.models import Message
from rapport.inboxes.contract import Address
from rapport.kernel.clock import now
from rapport.staff.roles import Role
from tests import world
from tests.world import conversation_of, mail, receive

SENDER = "manager@staff.example"


@pytest.mark.django_db(transaction=True)
def test_placing_by_hand_and_taking_in_waited_for_each_other() -> None:
    company = world.build()
    conversation = conversation_of(receive(company.inbox, mail()))
    raw = receive(company.inbox, mail(sender=SENDER, text="Look"))
    lead = company.agent(Role.TEAM_LEAD)

    def place() -> None:
        try:
            place_by_hand(agent=lead, raw=raw, conversation_id=conversation.pk)
        finally:
            connection.close()

    placing = threading.Thread(target=place)
    with transaction.atomic():
        person_of(Address(SENDER), at=now())
        placing.start()
        for _ in range(2000):
            if _somebody_waits() or not placing.is_alive():
                break
            placing.join(0.01)
        lock(conversation.pk)
    placing.join(20)
    assert Message.objects.get(raw=raw).conversation == conversation


def _somebody_waits() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS(SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])
