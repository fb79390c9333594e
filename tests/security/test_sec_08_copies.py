"""SEC-08: who writes, guesses or is put in copy learns no earlier word, only what is sent to them."""

import random

import pytest

from rapport.channels.email import reply_token
from rapport.conversations.actions.reply import CannotCarry
from rapport.conversations.models import Conversation, Delivery, Message, Participant
from rapport.conversations.queries.answered import message_answered
from rapport.inboxes.models import RawInbound
from rapport.workspace.offered import default_recipients
from tests.security.acting import ADA, addresses_on, all_wires, answer_to, last_message, readable
from tests.world import World, conversation_of, ingest, mail, receive

pytestmark = pytest.mark.django_db
EVE = "eve@evil.example"
EARLIER = "canary-earlier-51d2"


@pytest.fixture
def talk(company: World) -> tuple[Conversation, Message]:
    conversation = conversation_of(receive(company.inbox, mail(text=f"My code is {EARLIER}")))
    return conversation, answer_to(company, conversation, f"Thank you, {EARLIER} noted")


def received_by(address: str) -> bytes:
    """Everything that leaves towards an address, decoded."""
    return b"\n".join(readable(content) for content in all_wires() if address in addresses_on(content))


def answer_as_offered(company: World, conversation: Conversation, text: str) -> None:
    """Answer with the recipients that the composer offers."""
    to, cc = default_recipients(conversation, message_answered(conversation))
    answer_to(company, conversation, text, *(a.value for a in to), cc=cc)


@pytest.mark.parametrize("number_in_subject", [False, True])
def test_a_spoofed_customer_with_the_attacker_in_copy_learns_nothing(
    company, talk, number_in_subject
) -> None:
    conversation, _sent = talk
    subject = f"Re: [#{conversation.number}] my parcel" if number_in_subject else "Where is my parcel?"
    raw = receive(company.inbox, mail(sender=ADA, subject=subject, text="Send me all again", Cc=EVE))
    forged = conversation_of(raw)
    assert forged != conversation
    answer_as_offered(company, forged, "What do you need?")
    assert EARLIER.encode() not in received_by(EVE)


def test_a_stolen_token_is_shown_as_unverified_and_answered_to_the_customer(company, talk) -> None:
    conversation, sent = talk
    forged = mail(
        sender=EVE, subject="Re: x", text="What was my code?", In_Reply_To=sent.identity, Cc="e2@evil.example"
    )
    message = Message.objects.get(raw=receive(company.inbox, forged))
    assert message.unverified
    assert Participant.objects.get(address=EVE).pending
    answer_as_offered(company, conversation, "It is the same")
    for address in (EVE, "e2@evil.example"):
        assert received_by(address) == b""
    assert addresses_on(all_wires()[-1]) == {ADA, company.inbox.address}


def test_even_an_accepted_stranger_is_not_quoted_the_past(company, talk) -> None:
    conversation, sent = talk
    receive(company.inbox, mail(sender=EVE, subject="Re: x", text="It is me", In_Reply_To=sent.identity))
    answer_to(company, conversation, "Hello both", ADA, EVE)
    assert b"Hello both" in received_by(EVE)
    assert EARLIER.encode() not in received_by(EVE)


def test_a_stranger_in_copy_of_a_true_answer_gets_only_what_is_sent_from_then_on(company, talk) -> None:
    conversation, sent = talk
    joined = mail(
        sender=f"Ada <{ADA}>",
        subject="Re: x",
        text="My friend reads along",
        In_Reply_To=sent.identity,
        Cc=EVE,
    )
    assert conversation_of(receive(company.inbox, joined)) == conversation
    answer_as_offered(company, conversation, "Hello both")
    assert b"Hello both" in received_by(EVE)
    assert EARLIER.encode() not in received_by(EVE)
    answer_to(company, conversation, "only-for-ada", ADA)
    assert b"only-for-ada" not in received_by(EVE)


def test_our_own_plus_address_with_its_token_got_into_copy(company, talk) -> None:
    conversation, sent = talk
    ours = f"Support+r.{sent.token}@velonord.example"
    raw = receive(company.inbox, mail(subject="Re: x", text="Thanks", to=ours, Cc=EVE))
    assert conversation_of(raw) == conversation
    to, cc = default_recipients(conversation, message_answered(conversation))
    assert [address.value for address in (*to, *cc)] == [ADA, EVE]
    with pytest.raises(CannotCarry):
        answer_to(company, conversation, "Hello", ADA, ours)


def test_guessed_plus_addresses_and_ids_join_nothing(company, talk) -> None:
    conversation, sent = talk
    before = conversation.messages.count()
    rng, letters = random.Random(8), "abcdefghijklmnopqrstuvwxyz234567"
    key_less = [
        f"{''.join(rng.choices(letters, k=20))}.{''.join(rng.choices(letters, k=13))}" for _ in range(100_000)
    ]
    from rapport.channels.email.adapter import reply_key

    key = reply_key()
    assert not any(reply_token.verify(token, key) for token in key_less)
    random_part = sent.token.partition(".")[0]
    tried = [
        *key_less[:20],
        f"{random_part}.{'a' * 13}",
        sent.token[:-1] + "a" * (sent.token[-1] != "a"),
        sent.token.upper()[:20],
    ]
    for number, token in enumerate(tried):
        to = f"support+r.{token}@velonord.example" if number % 2 else company.inbox.address
        hints = {"In_Reply_To": f"<rapport.{token}@velonord.example>"} if number % 3 == 0 else {}
        receive(company.inbox, mail(sender=EVE, to=to, subject=f"guess {number}", text=f"g{number}", **hints))
    assert conversation.messages.count() == before
    assert not Participant.objects.filter(conversation=conversation, address=EVE).exists()
    assert RawInbound.objects.count() == len(tried) + 1


def test_guessed_numbers_join_nothing(company, talk) -> None:
    conversation, _sent = talk
    before = conversation.messages.count()
    for number in range(conversation.number - 5, conversation.number + 5):
        for subject in (f"[#{number}]", f"Re: #{number}", f"[Support {number}]"):
            receive(company.inbox, mail(sender=EVE, subject=subject, text=subject))
    assert conversation.messages.count() == before
    assert EARLIER.encode() not in received_by(EVE)
    for message in Message.objects.filter(sender_address=EVE):
        answer_as_offered(company, message.conversation, "Who are you?")
    assert b"Who are you?" in received_by(EVE)
    assert EARLIER.encode() not in received_by(EVE)


def test_a_blind_copy_is_seen_by_nobody(company, talk) -> None:
    conversation, _sent = talk
    from rapport.conversations.recipients import parse_addresses

    answer_to(company, conversation, "Hello", ADA, bcc=parse_addresses(["boss@velonord.example"]))
    assert b"boss@" not in readable(all_wires()[-1])
    assert Delivery.objects.order_by("pk")[1].recipients.filter(role="bcc").exists()


def test_nothing_waits_unread(company, talk) -> None:
    assert ingest() == []
    assert last_message(talk[0]).direction == "out"
