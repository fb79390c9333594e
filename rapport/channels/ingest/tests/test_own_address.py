"""Mail in our own name: a form's is its customer's, what we sent ourselves is a loop, the rest a question."""

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.send import instance_name
from rapport.inboxes.models import Outcome
from rapport.kernel.sentences import say
from tests import world
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db

OWN = "support@velonord.example"


@pytest.fixture
def company() -> World:
    return world.build()


def test_a_form_that_sends_from_our_own_address_brings_its_customer(company: World) -> None:
    rules = {"form_sender": OWN, "customer_pattern": "E-mail: {email}"}
    EmailSettings.objects.update_or_create(inbox=company.inbox, defaults=rules)
    raw = receive(company.inbox, mail(sender=OWN, text="E-mail: zoe@c.example\nHello"))
    assert str(conversation_of(raw).identity) == "zoe@c.example"


def test_mail_from_our_own_address_that_we_did_not_send_waits_for_a_person(company: World) -> None:
    raw = receive(company.inbox, mail(sender=OWN))
    assert (raw.outcome, "own inboxes" in say(raw.reason)) == (Outcome.QUARANTINED, True)


def test_what_we_sent_ourselves_is_still_a_loop(company: World) -> None:
    raw = receive(company.inbox, mail(sender=OWN, X_Rapport_Instance=instance_name()))
    assert raw.outcome == Outcome.NOTED
