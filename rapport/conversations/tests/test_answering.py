"""Reply, undo, conflict, and what becomes of a delivery."""

from datetime import timedelta

import pytest

from rapport.channels.delivery.queue import due
from rapport.conversations.actions.assign import assign
from rapport.conversations.actions.drafts import attach, save_draft
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.mend_delivery import readdress, retry, skip
from rapport.conversations.actions.note import EmptyText, add_note
from rapport.conversations.actions.record_delivery import record_failed, record_sent, record_waiting
from rapport.conversations.actions.reply import Answer, CannotCarry, reply
from rapport.conversations.actions.undo_send import TooLate, undo_send
from rapport.conversations.conflicts import Conflict
from rapport.conversations.models import Conversation, Delivery, Draft, Entry, Mention, Message, Status
from rapport.conversations.outgoing import build
from rapport.conversations.queries.access import NotFound, conversation_for
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.contract import Receipt, RecipientResult
from rapport.kernel.jobs.leases import claim
from rapport.staff.roles import Role
from tests.world import World, conversation_of, mail, receive

ADA = "ada@customer.example"


def answer(text: str = "On its way", *to: str, **fields: object) -> Answer:
    return Answer(html=f"<div>{text}</div>", to=parse_addresses(to or [ADA]), **fields)  # type: ignore[arg-type]


def send(company: World, conversation: Conversation, undo: int = 0, **fields: object) -> Message:
    return reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=answer(**fields),  # type: ignore[arg-type]
        undo=timedelta(seconds=undo),
    )


def claimed() -> Delivery:
    (delivery,) = claim(due(), limit=5, lease=timedelta(minutes=1), worker="test")
    return delivery


def test_a_reply_takes_the_conversation_and_waits(company: World, conversation: Conversation) -> None:
    send(company, conversation)
    conversation.refresh_from_db()
    assert conversation.assignee == company.agent()
    assert conversation.status == Status.WAITING
    assert conversation.waiting_since is None
    kinds = list(Entry.objects.filter(conversation=conversation).values_list("kind", flat=True))
    assert kinds == ["message.received", "message.sent", "assigned", "status.changed"]


def test_undo_gives_everything_back(company: World, conversation: Conversation) -> None:
    before = Conversation.objects.values("status", "assignee", "preview", "message_count").get()
    message = send(company, conversation, undo=10)
    draft = undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk)
    assert "On its way" in draft.html
    assert draft.to == [{"address": ADA, "name": ""}]
    assert Conversation.objects.values("status", "assignee", "preview", "message_count").get() == before
    assert not claim(due(), limit=5, lease=timedelta(minutes=1), worker="test")


def test_undo_after_sending_began_is_too_late(company: World, conversation: Conversation) -> None:
    message = send(company, conversation)
    claimed()
    with pytest.raises(TooLate):
        undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk)


def test_a_reply_stops_where_the_customer_wrote_meanwhile(company: World, conversation: Conversation) -> None:
    seen = Conversation.objects.get().last_seq
    first = send(company, conversation)
    receive(company.inbox, mail(text="One more thing", In_Reply_To=first.identity))
    with pytest.raises(Conflict) as crossed:
        reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer("Second"), token=seen + 1)
    assert [entry.kind for entry in crossed.value.entries] == ["message.received"]
    assert Message.objects.filter(direction="out").count() == 1


def test_two_agents_answering_at_once_do_not_both_send(company: World, conversation: Conversation) -> None:
    seen = Conversation.objects.get().last_seq
    send(company, conversation)
    with pytest.raises(Conflict):
        reply(
            agent=company.agent(Role.TEAM_LEAD),
            conversation_id=conversation.pk,
            answer=answer("Me too"),
            token=seen,
        )


def test_a_sent_delivery_is_done_only_after_the_word_of_the_server(
    company: World, conversation: Conversation
) -> None:
    send(company, conversation)
    delivery = claimed()
    assert delivery.state == "running"
    record_sent(delivery=delivery, receipt=Receipt(recipients=(RecipientResult(address=ADA, accepted=True),)))
    assert Delivery.objects.get().state == "done"
    assert Delivery.objects.get().recipients.get().state == "sent"


def test_a_refused_message_comes_back_to_its_sender(company: World, conversation: Conversation) -> None:
    send(company, conversation)
    record_failed(delivery=claimed(), reason="550 no such user")
    conversation.refresh_from_db()
    assert conversation.delivery_failed
    assert conversation.status == Status.OPEN
    assert conversation.assignee == company.agent()


def test_one_refused_recipient_is_tried_alone_at_another_address(
    company: World, conversation: Conversation
) -> None:
    message = reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=answer("Both", ADA, "bob@customer.example"),
        undo=timedelta(0),
    )
    results = (
        RecipientResult(address=ADA, accepted=True),
        RecipientResult(address="bob@customer.example", accepted=False, permanent=True, detail="550"),
    )
    record_sent(delivery=claimed(), receipt=Receipt(recipients=results))
    delivery = Delivery.objects.get()
    bob = delivery.recipients.get(address="bob@customer.example")
    readdress(
        agent=company.agent(),
        conversation_id=conversation.pk,
        delivery_id=delivery.pk,
        recipient_id=bob.pk,
        address="bobby@customer.example",
    )
    outgoing, _inbox = build(claimed())
    assert outgoing.only == ("bobby@customer.example",)
    assert outgoing.identity == message.identity


def test_a_waiting_delivery_holds_back_the_next_of_its_conversation_only(
    company: World, conversation: Conversation
) -> None:
    other = conversation_of(receive(company.inbox, mail(sender="bob@customer.example", subject="Other")))
    send(company, conversation)
    record_waiting(delivery=claimed(), reason="421 later", retry_after=600)
    send(company, conversation, text="Second")
    reply(
        agent=company.agent(),
        conversation_id=other.pk,
        answer=answer("Other", "bob@customer.example"),
        undo=timedelta(0),
    )
    assert claimed().conversation_id == other.pk
    first = Delivery.objects.filter(conversation=conversation).earliest("pk")
    skip(agent=company.agent(), conversation_id=conversation.pk, delivery_id=first.pk)
    assert claimed().conversation_id == conversation.pk


def test_a_failed_delivery_can_be_tried_again(company: World, conversation: Conversation) -> None:
    send(company, conversation)
    record_failed(delivery=claimed(), reason="550")
    retry(agent=company.agent(), conversation_id=conversation.pk, delivery_id=Delivery.objects.get().pk)
    assert claimed().attempts == 1


@pytest.mark.parametrize("address", ["noreply@shop.example", "support@velonord.example"])
def test_no_answer_goes_to_nobody_or_to_ourselves(
    company: World, conversation: Conversation, address: str
) -> None:
    with pytest.raises(CannotCarry):
        reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer("x", address))
    assert not Delivery.objects.exists()


def test_an_empty_answer_is_refused(company: World, conversation: Conversation) -> None:
    with pytest.raises(EmptyText):
        reply(
            agent=company.agent(),
            conversation_id=conversation.pk,
            answer=Answer(html="<div><br></div>", to=parse_addresses([ADA])),
        )


def test_files_of_others_cannot_be_sent(company: World, conversation: Conversation) -> None:
    theirs = attach(
        agent=company.agent(Role.MANAGER), content=b"secret", name="a.txt", content_type="text/plain"
    )
    message = send(company, conversation, attachment_ids=(theirs.pk,))
    assert not message.attachments.exists()
    theirs.refresh_from_db()
    assert theirs.message is None


def test_a_collaborator_notes_but_does_not_answer(company: World, conversation: Conversation) -> None:
    collaborator = company.agent(Role.COLLABORATOR)
    with pytest.raises(NotFound):
        conversation_for(collaborator, conversation.number)
    add_note(
        agent=company.agent(), conversation_id=conversation.pk, html="Look?", mentioned_ids=[collaborator.pk]
    )
    assert Mention.objects.get().agent == collaborator
    assert conversation_for(company.agent(Role.COLLABORATOR), conversation.number) == conversation
    with pytest.raises(Forbidden):
        reply(agent=collaborator, conversation_id=conversation.pk, answer=answer())


def test_the_answer_to_a_forward_is_never_public(company: World, conversation: Conversation) -> None:
    side = forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=answer("Can you look?", "supplier@parts.example"),
        message_id=Message.objects.get().pk,
        undo=timedelta(0),
    )
    raw = receive(
        company.inbox,
        mail(sender="supplier@parts.example", text="Price is 3 EUR", In_Reply_To=side.identity),
    )
    assert raw.outcome == "parsed"
    assert Message.objects.count() == 1
    assert conversation.side_messages.filter(direction="in").get().text == "Price is 3 EUR"


def test_somebody_new_in_copy_is_not_quoted_the_past(company: World, conversation: Conversation) -> None:
    message = reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=answer("Hello both", ADA, cc=parse_addresses(["new@customer.example"])),
        undo=timedelta(0),
    )
    assert message.quoted_html == ""


def test_a_reply_drops_the_draft(company: World, conversation: Conversation) -> None:
    save_draft(agent=company.agent(), conversation=conversation, kind="reply", html="half")
    send(company, conversation)
    assert not Draft.objects.exists()


def test_another_agents_assignment_since_the_screen_was_drawn_conflicts(
    company: World, conversation: Conversation
) -> None:
    seen = Conversation.objects.get().last_seq
    assign(agent=company.agent(), conversation_id=conversation.pk, assignee=company.agent(Role.SPECIALIST))
    with pytest.raises(Conflict):
        assign(
            agent=company.agent(Role.TEAM_LEAD),
            conversation_id=conversation.pk,
            assignee=company.agent(Role.TEAM_LEAD),
            token=seen,
        )


def test_a_signature_in_the_html_is_not_shown_a_second_time(company: World) -> None:
    html = (
        "MIME-Version: 1.0\r\nFrom: Pia <pia@c.example>\r\nTo: support@velonord.example\r\nSubject: s\r\n"
        "Message-ID: <sig@c.example>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        "<p>The pedals are missing.</p><p>Sent from my iPhone</p>"
    )
    receive(company.inbox, html.encode())
    message = Message.objects.get()
    shown = message.html + message.signature_html
    assert shown.count("Sent from my iPhone") == 1
