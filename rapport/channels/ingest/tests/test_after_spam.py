"""What follows a conversation that was marked as spam is seen."""

import pytest

from rapport.conversations.actions.spam import mark_spam
from rapport.conversations.models import Conversation, ConversationLink, Folder
from rapport.customers.models import Identity
from tests import world
from tests.security.acting import answer_to
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db

VERDICT = "mx.velonord.example; dmarc=pass header.from=customer.example"


@pytest.fixture
def company() -> World:
    return world.build(mail_server="mx.velonord.example")


@pytest.fixture
def spam(company: World) -> Conversation:
    conversation = conversation_of(receive(company.inbox, mail(Message_ID="<first@customer.example>")))
    answer_to(company, conversation)
    return mark_spam(agent=company.agent(), conversation_id=conversation.pk)


@pytest.mark.parametrize("way", ["token", "chain", "number", "stranger"])
def test_a_customers_next_mail_went_to_the_spam_view_unseen(
    company: World, spam: Conversation, way: str
) -> None:
    sent = spam.messages.get(direction="out").identity
    more = {
        "token": {"In_Reply_To": sent},
        "chain": {"In_Reply_To": "<first@customer.example>"},
        "number": {"subject": f"#{spam.number}", "Authentication_Results": VERDICT},
        "stranger": {"In_Reply_To": sent, "sender": "bob@firm.example"},
    }[way]
    began = conversation_of(receive(company.inbox, mail(text="And my parcel?", **more)))
    assert (began.folder, began.spam) == (Folder.OPEN, False)
    link = ConversationLink.objects.get(source=began)
    assert (link.target, link.kind) == (spam, "maybe")


def test_more_spam_stays_with_the_spam(company: World, spam: Conversation) -> None:
    Identity.objects.filter(value="ada@customer.example").update(blocked=True)
    sent = spam.messages.get(direction="out").identity
    assert conversation_of(receive(company.inbox, mail(text="Buy", In_Reply_To=sent))) == spam
