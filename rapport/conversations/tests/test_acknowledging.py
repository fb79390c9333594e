"""Acknowledgements: off by default, once a day, never to machines, no word of the sender (SEC-18, SEC-19)."""

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.reactions import confirm_receipt
from rapport.conversations.models import Delivery, Entry, Message
from rapport.conversations.outgoing import build
from tests.world import World, mail, receive


@pytest.fixture
def asking(company: World) -> World:
    EmailSettings.objects.create(inbox=company.inbox, acknowledge=True)
    return company


def react() -> None:
    for entry in Entry.objects.filter(kind="message.received"):
        confirm_receipt(entry)


def test_an_acknowledgement_has_no_word_of_its_sender(asking: World) -> None:
    receive(asking.inbox, mail(subject="Buy pills", text="Visit evil.example"))
    react()
    outgoing, _inbox = build(Delivery.objects.get())
    assert outgoing.automatic
    for word in ("pills", "evil", "Ada"):
        assert word not in outgoing.text + outgoing.html + outgoing.subject


def test_a_sender_gets_one_a_day(asking: World) -> None:
    for number in range(5):
        receive(asking.inbox, mail(subject=f"Mail {number}"))
        react()
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"}, {"List_Id": "<news.example>"}],
)
def test_a_machine_gets_none(asking: World, headers: dict[str, str]) -> None:
    receive(asking.inbox, mail(**headers))
    react()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("name", ["no-reply", "postmaster", "bounces+7", "unattended"])
def test_an_address_that_nobody_reads_gets_none(asking: World, name: str) -> None:
    receive(asking.inbox, mail(sender=f"{name}@shop.example"))
    react()
    assert not Delivery.objects.exists()


def test_it_is_off_by_default(company: World) -> None:
    receive(company.inbox, mail())
    react()
    assert Message.objects.filter(direction="out").count() == 0


def test_running_the_reaction_twice_sends_once(asking: World) -> None:
    receive(asking.inbox, mail())
    react()
    react()
    assert Delivery.objects.count() == 1
