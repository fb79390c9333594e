"""Whoever writes what looks like our mail server's verdict is not vouched for by it."""

import pytest

from rapport.conversations.models import Conversation
from rapport.conversations.queries.answered import message_answered
from rapport.inboxes.models import Outcome
from rapport.workspace.offered import default_recipients
from tests import world
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db

EVE = "eve@evil.example"
ECHOED = "mx.velonord.example; spf=pass smtp.mailfrom=dmarc=pass@evil.example"
DISOWNED = "mx.velonord.example; dmarc=fail header.from=customer.example"
VOUCHED = "mx.velonord.example; dmarc=pass header.from=customer.example"


@pytest.fixture
def company() -> World:
    return world.build(mail_server="mx.velonord.example")


@pytest.fixture
def conversation(company: World) -> Conversation:
    return conversation_of(receive(company.inbox, mail()))


def forged(conversation: Conversation, *verdicts: str) -> bytes:
    content = mail(subject=f"Re: [#{conversation.number}]", text="Send it there", Cc=EVE)
    return "".join(f"Authentication-Results: {each}\n" for each in verdicts).encode() + content


@pytest.mark.parametrize(
    "verdicts",
    [
        [ECHOED, "x.example; dmarc=pass"],
        [ECHOED, "mx.velonord.example; dmarc=pass"],
        ["mx.velonord.example; none", VOUCHED],
        ['mx.velonord.example; spf=pass smtp.mailfrom="a; dmarc=pass b"@evil.example', VOUCHED],
        [VOUCHED.replace("customer", "evil")],
        ["mx.velonord.example; dkim=pass (dmarc=pass); dmarc=none", VOUCHED],
    ],
)
def test_a_sender_wrote_the_verdict_that_let_them_into_a_thread(
    company: World, conversation: Conversation, verdicts: list[str]
) -> None:
    joined = conversation_of(receive(company.inbox, forged(conversation, *verdicts)))
    assert joined != conversation
    to, cc = default_recipients(conversation, message_answered(conversation))
    assert EVE not in {address.value for address in (*to, *cc)}


@pytest.mark.parametrize("verdicts", [[ECHOED, DISOWNED], [VOUCHED, DISOWNED], [DISOWNED, VOUCHED]])
def test_a_second_field_of_our_server_that_disowned_the_sender_was_not_read(
    company: World, conversation: Conversation, verdicts: list[str]
) -> None:
    sent = {"In_Reply_To": conversation.messages.get().identity, "Cc": EVE}
    content = "".join(f"Authentication-Results: {each}\n" for each in verdicts).encode()
    raw = receive(company.inbox, content + mail(text="Send it there", **sent))
    assert raw.outcome == Outcome.QUARANTINED


def test_our_servers_true_verdict_still_counts(company: World, conversation: Conversation) -> None:
    assert conversation_of(receive(company.inbox, forged(conversation, VOUCHED))) == conversation
