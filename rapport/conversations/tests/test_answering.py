"""Reply, undo, conflict, and what becomes of a delivery."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from rapport.channels.delivery.queue import due
from rapport.conversations.actions.assign import assign
from rapport.conversations.actions.drafts import attach, save_draft
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.log_call import Call, log_call
from rapport.conversations.actions.mend_delivery import readdress, retry, skip
from rapport.conversations.actions.note import EmptyText, add_note
from rapport.conversations.actions.record_delivery import record_failed, record_sent, record_waiting
from rapport.conversations.actions.reply import Answer, CannotCarry, reply
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.actions.snooze import snooze
from rapport.conversations.actions.spam import delete, mark_spam
from rapport.conversations.actions.undo_send import TooLate, undo_send
from rapport.conversations.conflicts import Conflict
from rapport.conversations.models import (
    Conversation,
    Delivery,
    Draft,
    Entry,
    Folder,
    Mention,
    Message,
    Note,
    Status,
)
from rapport.conversations.outgoing import build
from rapport.conversations.queries.access import NotFound, conversation_for
from rapport.conversations.recipients import parse_addresses, stored
from rapport.customers.actions.identify_caller import Caller
from rapport.inboxes.contract import Receipt, RecipientResult
from rapport.inboxes.registry import channel
from rapport.kernel.clock import now
from rapport.kernel.jobs.leases import claim
from rapport.staff.models import Agent
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


def test_a_formatted_signature_stands_in_both_parts_of_a_mail(
    company: World, conversation: Conversation
) -> None:
    agent = company.agent()
    agent.signature_html = (
        '<p><strong>{agent.name}</strong><br><a href="https://velo.example/help">Help</a></p>'
        '<ul><li>Mon to Fri</li></ul><p><a href="https://velo.example">velo.example</a></p>'
    )
    agent.save()
    send(company, conversation)
    outgoing, _ = build(claimed())
    assert "<strong>Representative</strong>" in outgoing.html
    signed = "Representative\nHelp <https://velo.example/help>\n\n- Mon to Fri\n\nvelo.example\n"
    assert signed in outgoing.text


def test_the_brands_signature_went_missing_under_an_agents_own(
    company: World, conversation: Conversation
) -> None:
    agent, brand = company.agent(), company.brand
    agent.signature_html = "{agent.name}, service"
    agent.save()
    brand.signature_html = "Velo Nord GmbH, <b>Hafenstraße 14</b>"
    brand.save()
    send(company, conversation)
    outgoing, _ = build(claimed())
    assert "Representative, service\nVelo Nord GmbH, Hafenstraße 14\n" in outgoing.text
    assert outgoing.html.index("Representative, service") < outgoing.html.index("<b>Hafenstraße 14</b>")


def test_undo_gives_everything_back(company: World, conversation: Conversation) -> None:
    before = Conversation.objects.values("status", "assignee", "preview", "message_count").get()
    message = send(company, conversation, undo=10)
    draft = undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk).draft
    assert "On its way" in draft.html
    assert draft.to == [{"address": ADA, "name": ""}]
    assert Conversation.objects.values("status", "assignee", "preview", "message_count").get() == before
    assert not claim(due(), limit=5, lease=timedelta(minutes=1), worker="test")


def test_words_for_one_customer_stood_before_another_after_taking_back(
    company: World, conversation: Conversation
) -> None:
    both = Answer(html="<p>To both</p>", to=parse_addresses([ADA]), cc=parse_addresses(["bob@firm.example"]))
    message = reply(
        agent=company.agent(), conversation_id=conversation.pk, answer=both, undo=timedelta(seconds=10)
    )
    begun = save_draft(
        agent=company.agent(),
        conversation=conversation,
        kind="reply",
        html="<p>For Bob alone: secret</p>",
        to=stored(parse_addresses(["bob@firm.example"])),
    )
    draft = undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk).draft
    assert (draft.kind, draft.html) == ("note", "<p>To both</p>")
    kept = Draft.objects.get(kind="reply")
    assert (kept.html, kept.to, kept.cc) == (begun.html, begun.to, [])
    assert Delivery.objects.get().state == Delivery.WITHDRAWN


@pytest.mark.parametrize("at_once", [True, False])
def test_taking_back_an_answer_that_solved_ended_the_snooze(
    company: World, conversation: Conversation, at_once: bool
) -> None:
    agent = company.agent()
    snooze(agent=agent, conversation_id=conversation.pk, until=now() + timedelta(days=3))
    columns = ("status", "folder", "snoozed_until", "solved_at", "waiting_since")
    before = Conversation.objects.values(*columns).get()
    message = send(company, conversation, undo=10, status=Status.SOLVED if at_once else Status.WAITING)
    set_status(agent=agent, conversation_id=conversation.pk, status=Status.SOLVED)
    undo_send(agent=agent, conversation_id=conversation.pk, message_id=message.pk)
    assert Conversation.objects.values(*columns).get() == before


def test_taking_back_an_answer_to_what_was_solved_long_ago_put_off_its_closing(
    company: World, conversation: Conversation
) -> None:
    send(company, conversation, status=Status.SOLVED)
    claimed()
    long_ago = now() - timedelta(days=13)
    Conversation.objects.update(solved_at=long_ago)
    message = send(company, conversation, undo=10, text="By the way")
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.solved_at) == (Status.SOLVED, long_ago)


@pytest.mark.parametrize("since", [Status.SOLVED, Status.ON_HOLD, Status.CLOSED])
def test_taken_back_after_solving_left_a_waiting_customer_in_no_list(
    company: World, conversation: Conversation, since: Status
) -> None:
    message = send(company, conversation, undo=10)
    set_status(agent=company.agent(), conversation_id=conversation.pk, status=since)
    waits = conversation.waiting_since
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.folder) == (Status.NEW, Folder.OPEN)
    assert conversation.waiting_since == waits is not None


@pytest.mark.parametrize("parked", [Status.ON_HOLD, Status.WAITING])
def test_taking_ones_answer_back_overrode_what_a_colleague_set_since(
    company: World, conversation: Conversation, parked: Status
) -> None:
    message = send(company, conversation, undo=10, status=Status.OPEN)
    lead = company.agent(Role.TEAM_LEAD)
    set_status(agent=lead, conversation_id=conversation.pk, status=parked)
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.message_count) == (parked, 1)
    assert conversation.waiting_since is not None


@pytest.mark.parametrize("colleague", [True, False])
def test_taking_an_answer_back_reopened_what_was_solved_after_the_customer_wrote_again(
    company: World, conversation: Conversation, colleague: bool
) -> None:
    message = send(company, conversation, undo=10)
    receive(company.inbox, mail(text="Found it, thanks!", In_Reply_To=message.identity))
    solver = company.agent(Role.TEAM_LEAD) if colleague else company.agent()
    set_status(agent=solver, conversation_id=conversation.pk, status=Status.SOLVED)
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since) == (Status.SOLVED, None)


def test_what_a_colleague_solved_for_the_answer_is_open_once_that_is_taken_back(
    company: World, conversation: Conversation
) -> None:
    message = send(company, conversation, undo=10)
    absent = mail(text="I am away", In_Reply_To=message.identity, Auto_Submitted="auto-replied")
    receive(company.inbox, absent)
    lead = company.agent(Role.TEAM_LEAD)
    set_status(agent=lead, conversation_id=conversation.pk, status=Status.ON_HOLD)
    set_status(agent=lead, conversation_id=conversation.pk, status=Status.SOLVED)
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk)
    conversation.refresh_from_db()
    assert conversation.status == Status.ON_HOLD
    assert conversation.waiting_since is not None


def test_an_absence_note_made_a_waiting_customer_of_an_answer_taken_back(
    company: World, conversation: Conversation
) -> None:
    first = send(company, conversation)
    claimed()
    absent = mail(text="I am away", In_Reply_To=first.identity, Auto_Submitted="auto-replied")
    receive(company.inbox, absent)
    again = send(company, conversation, undo=10, text="By the way")
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=again.pk)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since) == (Status.WAITING, None)


def test_taken_back_leaves_solved_what_was_answered_before(
    company: World, conversation: Conversation
) -> None:
    send(company, conversation)
    claimed()
    again = send(company, conversation, undo=10, text="By the way")
    set_status(agent=company.agent(), conversation_id=conversation.pk, status=Status.SOLVED)
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=again.pk)
    conversation.refresh_from_db()
    assert conversation.status == Status.SOLVED


def test_whoever_was_answered_while_it_was_solved_waited_again_after_reopening(
    company: World, conversation: Conversation
) -> None:
    set_status(agent=company.agent(), conversation_id=conversation.pk, status=Status.SOLVED)
    send(company, conversation, status=Status.SOLVED)
    set_status(agent=company.agent(), conversation_id=conversation.pk, status=Status.OPEN)
    conversation.refresh_from_db()
    assert conversation.waiting_since is None


def test_closing_what_was_solved_forgot_since_when_the_customer_waits(
    company: World, conversation: Conversation
) -> None:
    waits = conversation.waiting_since
    for status in (Status.SOLVED, Status.CLOSED, Status.OPEN):
        set_status(agent=company.agent(), conversation_id=conversation.pk, status=status)
    conversation.refresh_from_db()
    assert conversation.waiting_since == waits is not None


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


@pytest.mark.parametrize("how", ["snoozed", "closed", "disabled"])
def test_a_refused_message_did_not_come_back(company: World, conversation: Conversation, how: str) -> None:
    send(company, conversation)
    delivery = claimed()
    if how == "snoozed":
        snooze(agent=company.agent(), conversation_id=conversation.pk, until=now() + timedelta(days=9))
    elif how == "closed":
        set_status(agent=company.agent(), conversation_id=conversation.pk, status=Status.CLOSED)
    else:
        Agent.objects.filter(pk=company.agent().pk).update(active=False)
    record_failed(delivery=delivery, reason="550 no such user")
    conversation.refresh_from_db()
    assert conversation.folder == Folder.OPEN
    assert (conversation.assignee_id is None) == (how == "disabled")


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


def pasted(company: World, content: bytes = b"GIF89a") -> str:
    """Return what the editor sends where a picture was pasted and nothing was typed."""
    picture = attach(agent=company.agent(), content=content, name="a.gif", content_type="image/gif")
    return f'<p><figure><img src="/files/{picture.pk}/a.gif?inline"></figure></p>'


def test_an_answer_of_a_pasted_picture_alone_was_refused(company: World, conversation: Conversation) -> None:
    picture = Answer(html=pasted(company), to=parse_addresses([ADA]))
    message = reply(agent=company.agent(), conversation_id=conversation.pk, answer=picture)
    assert message.attachments.get().inline


def test_a_note_of_a_pasted_picture_alone_was_refused(company: World, conversation: Conversation) -> None:
    note = add_note(agent=company.agent(), conversation_id=conversation.pk, html=pasted(company))
    assert note.attachments.get().inline


def test_a_call_of_a_pasted_picture_alone_was_refused(company: World) -> None:
    logged = log_call(
        agent=company.agent(),
        inbox=company.inbox,
        customer=Caller(name="Ada"),
        call=Call(html=pasted(company)),
    )
    assert Note.objects.get(conversation=logged).attachments.get().inline


def test_a_pasted_picture_did_not_count_for_the_size_limit(
    company: World, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = replace(channel("email").capabilities, attachment_bytes=20)
    monkeypatch.setattr(type(channel("email")), "capabilities", most)
    large = Answer(html=pasted(company, b"GIF89a" * 4), to=parse_addresses([ADA]))
    with pytest.raises(CannotCarry):
        reply(agent=company.agent(), conversation_id=conversation.pk, answer=large)


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


@pytest.mark.parametrize(("put_away", "back"), [(delete, "restored"), (mark_spam, "spam.unmarked")])
def test_who_answered_out_of_the_deleted_or_spam_left_the_answer_there(
    company: World, conversation: Conversation, put_away: Callable[..., Conversation], back: str
) -> None:
    agent = company.agent(Role.TEAM_LEAD)
    put_away(agent=agent, conversation_id=conversation.pk)
    sent = reply(agent=agent, conversation_id=conversation.pk, answer=answer())
    conversation.refresh_from_db()
    assert (conversation.folder, conversation.deleted_at, conversation.spam) == (Folder.WAITING, None, False)
    cause = Entry.objects.get(conversation=conversation, kind="message.sent")
    assert Entry.objects.get(conversation=conversation, kind=back).caused_by == cause.pk
    undo_send(agent=agent, conversation_id=conversation.pk, message_id=sent.pk)
    conversation.refresh_from_db()
    assert conversation.folder == Folder.OPEN


def test_an_answer_taken_back_left_nothing_of_a_phone_call_in_the_list(company: World) -> None:
    agent, ada = company.agent(), Caller(name="Ada")
    called = log_call(agent=agent, inbox=company.inbox, customer=ada, call=Call(html="Asked"))
    sent = reply(agent=agent, conversation_id=called.pk, answer=answer())
    undo_send(agent=agent, conversation_id=called.pk, message_id=sent.pk)
    called.refresh_from_db()
    assert (called.preview, called.last_message_at) == ("Asked", called.notes.get().created_at)


def test_a_signature_in_the_html_is_not_shown_a_second_time(company: World) -> None:
    html = (
        "MIME-Version: 1.0\r\nFrom: Pia <pia@c.example>\r\nTo: support@velonord.example\r\nSubject: s\r\n"
        "Message-ID: <sig@c.example>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        "<p>The pedals are missing.</p><p>Sent from my iPhone</p>"
    )
    receive(company.inbox, html.encode())
    message = Message.objects.get()
    assert message.html == "<p>The pedals are missing.</p>"
    assert message.signature_html == "<p>Sent from my iPhone</p>"
