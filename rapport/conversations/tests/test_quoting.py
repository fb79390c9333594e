from datetime import UTC, datetime, timedelta

from django.utils import timezone

from rapport.conversations.actions.acknowledge import acknowledge
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.start import start
from rapport.conversations.models import Conversation, Message
from rapport.conversations.quoting import quoted_history
from rapport.inboxes.contract import Address
from tests.world import World, mail, receive

ADA = Address("ada@customer.example")


def quote(html: str) -> str:
    last = Message(sender_address=ADA.value, html=html, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    return quoted_history(last, [ADA])


def test_a_quoted_picture_was_broken_in_the_customers_mail() -> None:
    quoted = quote('<p>Look: <img alt="a > b" src="cid:one@x" width="9"> and <img src="cid:two"></p>')
    assert "<p>Look: [a > b] and </p>" in quoted


def test_a_quote_named_the_time_of_nobody_in_the_conversation() -> None:
    with timezone.override("Europe/Berlin"):
        assert "2026-01-01 01:00 CET · " in quote("<p>Hello</p>")


def test_pictures_from_elsewhere_stay_in_the_quote() -> None:
    assert '<img src="https://shop.example/a.png">' in quote('<img src="https://shop.example/a.png">')


def answer_ada(company: World, conversation: Conversation, text: str = "We look") -> Message:
    wanted = Answer(html=f"<p>{text}</p>", to=(ADA,))
    return reply(agent=company.agent(), conversation_id=conversation.pk, answer=wanted, undo=timedelta(0))


def test_a_strangers_words_were_quoted_to_the_customer_in_our_mail(
    company: World, conversation: Conversation
) -> None:
    asked = Message.objects.get()
    ours = answer_ada(company, conversation)
    text = "Pay again at evil.example"
    forged = mail(sender="Eve <eve@evil.example>", text=text, Cc=ADA.value, In_Reply_To=ours.identity)
    assert Message.objects.get(raw=receive(company.inbox, forged)).unverified
    again = answer_ada(company, conversation, "It is found")
    assert "evil.example" not in again.quoted_html + again.references
    assert "where is my parcel" in again.quoted_html
    assert again.in_reply_to == asked.identity


def test_the_first_answer_quoted_our_acknowledgement(company: World, conversation: Conversation) -> None:
    asked = Message.objects.get()
    receipt = acknowledge(conversation_id=conversation.pk, text="We have received it", subject="Received")
    assert receipt is not None
    sent = answer_ada(company, conversation)
    assert "where is my parcel" in sent.quoted_html
    assert sent.in_reply_to == asked.identity


def test_an_out_of_office_was_quoted_to_its_owner(company: World, conversation: Conversation) -> None:
    ours = answer_ada(company, conversation)
    away = mail(text="I am away", Auto_Submitted="auto-replied", In_Reply_To=ours.identity)
    assert Message.objects.get(raw=receive(company.inbox, away)).automatic
    assert "where is my parcel" in answer_ada(company, conversation, "Found").quoted_html


def test_our_first_mail_is_answered_where_only_a_machine_wrote_since(company: World) -> None:
    wanted = Answer(html="<p>Recall of your bike</p>", to=(ADA,), subject="Recall")
    begun = start(agent=company.agent(), inbox=company.inbox, answer=wanted, undo=timedelta(0))
    ours = Message.objects.get()
    away = mail(text="I am away", Auto_Submitted="auto-replied", In_Reply_To=ours.identity)
    assert Message.objects.get(raw=receive(company.inbox, away)).conversation == begun
    again = answer_ada(company, begun, "Please call")
    assert "Recall of your bike" in again.quoted_html
    assert again.in_reply_to == ours.identity
