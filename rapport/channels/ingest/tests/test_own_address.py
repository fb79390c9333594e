"""Mail in our own name: a form's is its customer's, what we sent ourselves is a loop, the rest a question."""

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.send import instance_name
from rapport.inboxes.models import Outcome
from rapport.kernel.sentences import say
from tests import world
from tests.security.acting import answer_to
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


def test_mail_in_the_name_of_our_plus_address_became_a_customer(company: World) -> None:
    raw = receive(company.inbox, mail(sender="support+r.abc@velonord.example"))
    assert (raw.outcome, "own inboxes" in say(raw.reason)) == (Outcome.QUARANTINED, True)


def test_a_plus_address_of_ours_in_reply_to_was_taken_for_the_customer(company: World) -> None:
    raw = receive(company.inbox, mail(Reply_To="support+r.abc@velonord.example"))
    assert str(conversation_of(raw).identity) == "ada@customer.example"


GROUP = {"sender": f"'Ada' via Support <{OWN}>", "List_Id": "<support.velonord.example>"}
NAMED = {"X_Original_Sender": "ada@customer.example"}


@pytest.mark.parametrize(
    "more",
    [NAMED, {"Reply_To": "ada@customer.example"}, {**NAMED, "Reply_To": f"ada@customer.example, {OWN}"}],
)
def test_mail_through_a_group_with_the_inboxes_address_waited_in_the_tray(
    company: World, more: dict[str, str]
) -> None:
    first = conversation_of(receive(company.inbox, mail()))
    raw = receive(company.inbox, mail(**GROUP, **more, text="Over the group"))
    assert conversation_of(raw).customer == first.customer
    message = conversation_of(raw).messages.get()
    assert (message.sender_address, message.unverified) == ("ada@customer.example", False)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"X_Original_Sender": OWN},
        {"X_Original_Sender": "manager@staff.example"},
        {**NAMED, "Authentication_Results": "mx.velonord.example; dmarc=fail header.from=velonord.example"},
    ],
)
def test_a_group_that_names_no_customer_or_is_forged_still_waits(
    company: World, more: dict[str, str]
) -> None:
    EmailSettings.objects.update_or_create(
        inbox=company.inbox, defaults={"authserv_id": "mx.velonord.example"}
    )
    assert receive(company.inbox, mail(**GROUP, **more)).outcome == Outcome.QUARANTINED


def test_our_own_name_without_a_group_still_waits(company: World) -> None:
    assert receive(company.inbox, mail(sender=OWN, **NAMED)).outcome == Outcome.QUARANTINED


def test_a_customers_answer_through_the_group_is_verified(company: World) -> None:
    first = conversation_of(receive(company.inbox, mail(**GROUP, **NAMED)))
    sent = answer_to(company, first)
    raw = receive(company.inbox, mail(**GROUP, **NAMED, text="Thanks", In_Reply_To=sent.identity))
    message = first.messages.latest("pk")
    assert (message.raw, message.unverified) == (raw, False)


def test_another_way_to_write_than_the_group_is_verified_too(company: World) -> None:
    first = conversation_of(receive(company.inbox, mail()))
    sent = answer_to(company, first)
    receive(company.inbox, mail(**GROUP, **NAMED, text="Thanks", In_Reply_To=sent.identity))
    assert not first.messages.latest("pk").unverified
