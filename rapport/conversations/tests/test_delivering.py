"""What becomes of deliveries that fail, wait or come back, and of what a person does about them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from rapport.channels.delivery.queue import deliver, due
from rapport.conversations.actions.acknowledge import acknowledge
from rapport.conversations.actions.drafts import attach, save_draft
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.mend_delivery import NotMendable, readdress, retry, skip
from rapport.conversations.actions.record_bounce import record_bounce
from rapport.conversations.actions.record_delivery import (
    MAX_ATTEMPTS,
    record_failed,
    record_sent,
    record_waiting,
)
from rapport.conversations.actions.reply import Answer, CannotCarry, reply
from rapport.conversations.actions.undo_send import TooLate, undo_send
from rapport.conversations.begun import readers_of
from rapport.conversations.models import Conversation, Delivery, Message, Status
from rapport.conversations.outgoing import build
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.contract import FailedRecipient, Receipt, RecipientResult
from rapport.kernel.clock import now
from rapport.kernel.files.storage import path_of
from rapport.kernel.jobs.leases import claim
from rapport.kernel.sentences import say
from tests.world import World

ADA = "ada@customer.example"
BOB = "bob@customer.example"


def answer(text: str, to: str, cc: tuple[str, ...] = ()) -> Answer:
    return Answer(html=f"<div>{text}</div>", to=parse_addresses([to]), cc=parse_addresses(cc))


def send(
    company: World,
    conversation: Conversation,
    text: str = "On its way",
    *,
    to: str = ADA,
    cc: tuple[str, ...] = (),
    undo: int = 0,
) -> Message:
    return reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=answer(text, to, cc),
        undo=timedelta(seconds=undo),
    )


def claimed() -> Delivery:
    (delivery,) = claim(due(), limit=5, lease=timedelta(minutes=1), worker="test")
    return delivery


def test_an_answer_after_a_failed_one_leaves_and_the_alarm_stays(
    company: World, conversation: Conversation
) -> None:
    send(company, conversation, to="typo@customer.example")
    failed = claimed()
    record_failed(delivery=failed, reason="550 no such user")
    second = send(company, conversation)
    conversation.refresh_from_db()
    assert conversation.delivery_failed
    assert claimed().message_id == second.pk
    retry(agent=company.agent(), conversation_id=conversation.pk, delivery_id=failed.pk)
    conversation.refresh_from_db()
    assert not conversation.delivery_failed


@pytest.mark.parametrize("state", ["failed", "queued"])
def test_a_forward_that_does_not_leave_holds_up_no_answer(
    company: World, conversation: Conversation, state: str
) -> None:
    forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=answer("Please look", "supplier@other.example"),
        undo=timedelta(0),
    )
    if state == "failed":
        record_failed(delivery=claimed(), reason="550")
    else:
        Delivery.objects.update(run_at="2100-01-01T00:00Z")
    second = send(company, conversation)
    assert claimed().message_id == second.pk


def test_a_failed_acknowledgement_holds_up_no_answer(company: World, conversation: Conversation) -> None:
    acknowledge(conversation_id=conversation.pk, text="We have it", subject="Re")
    record_failed(delivery=claimed(), reason="550")
    second = send(company, conversation, to=BOB)
    assert claimed().message_id == second.pk


def said(address: str, code: int = 250) -> RecipientResult:
    return RecipientResult(
        address=address, accepted=code == 250, permanent=code >= 500, detail=f"{code} by the server"
    )


def states(delivery: Delivery) -> dict[str, str]:
    return dict(delivery.recipients.values_list("address", "state"))


def came_back(company: World, conversation: Conversation, *, hard: bool = True) -> Delivery:
    send(company, conversation, cc=(BOB,))
    delivery = claimed()
    record_sent(delivery=delivery, receipt=Receipt(recipients=(said(ADA), said(BOB))))
    failed = FailedRecipient(address=BOB, hard=hard, code="5.1.1" if hard else "4.2.2", reason="no")
    record_bounce(delivery=delivery, failed=[failed], reason="no")
    return delivery


@pytest.mark.parametrize("act", ["retry", "address"])
def test_what_came_back_is_sent_again_to_the_bounced_recipient_only(
    company: World, conversation: Conversation, act: str
) -> None:
    delivery = came_back(company, conversation)
    whose: dict[str, Any] = {
        "agent": company.agent(),
        "conversation_id": conversation.pk,
        "delivery_id": delivery.pk,
    }
    if act == "retry":
        retry(**whose)
    else:
        bounced = delivery.recipients.get(state="bounced")
        readdress(**whose, recipient_id=bounced.pk, address="bobby@customer.example")
    outgoing, _inbox = build(claimed())
    assert outgoing.only == (BOB if act == "retry" else "bobby@customer.example",)


@pytest.mark.parametrize("code", [450, 550])
def test_what_one_of_two_had_was_as_if_never_sent_once_the_other_was_given_up(
    company: World, conversation: Conversation, code: int
) -> None:
    had = send(company, conversation, cc=(BOB,))
    record_sent(delivery=claimed(), receipt=Receipt(recipients=(said(ADA), said(BOB, code))))
    delivery = Delivery.objects.get()
    skip(agent=company.agent(), conversation_id=conversation.pk, delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("done", "")
    assert states(delivery) == {ADA: "sent", BOB: "skipped"}
    forwarded = forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=answer("Please look", "supplier@other.example"),
        message_id=had.pk,
        undo=timedelta(0),
    )
    assert "On its way" in forwarded.html


def test_an_answer_put_off_for_one_in_copy_held_up_the_next_for_two_days(
    company: World, conversation: Conversation
) -> None:
    send(company, conversation, cc=(BOB,))
    first = claimed()
    second = send(company, conversation)
    record_waiting(delivery=first, reason="not now")
    assert not due().filter(message=second).exists()
    Delivery.objects.filter(pk=first.pk).update(run_at=now())
    first = claimed()
    record_sent(delivery=first, receipt=Receipt(recipients=(said(ADA), said(BOB, 451))))
    assert states(first) == {ADA: "sent", BOB: "waiting"}
    assert claimed().message_id == second.pk


def test_what_came_back_can_be_given_up(company: World, conversation: Conversation) -> None:
    delivery = came_back(company, conversation)
    skip(agent=company.agent(), conversation_id=conversation.pk, delivery_id=delivery.pk)
    delivery.refresh_from_db()
    conversation.refresh_from_db()
    assert (delivery.state, conversation.delivery_failed) == ("done", False)
    assert states(delivery) == {ADA: "sent", BOB: "skipped"}
    with pytest.raises(NotMendable):
        retry(agent=company.agent(), conversation_id=conversation.pk, delivery_id=delivery.pk)


def test_a_refused_recipient_is_told_of_after_another_was_put_off(
    company: World, conversation: Conversation
) -> None:
    send(company, conversation, cc=(BOB,))
    record_sent(delivery=claimed(), receipt=Receipt(recipients=(said(ADA, 451), said(BOB, 550))))
    Delivery.objects.update(run_at="2020-01-01T00:00Z")
    delivery = claimed()
    record_sent(delivery=delivery, receipt=Receipt(recipients=(said(ADA),)))
    delivery.refresh_from_db()
    conversation.refresh_from_db()
    assert states(delivery) == {ADA: "sent", BOB: "refused"}
    assert (delivery.state, say(delivery.reason)) == ("failed", f"{BOB}: 550 by the server")
    assert conversation.delivery_failed


def test_a_recipient_put_off_for_two_days_is_told_of(company: World, conversation: Conversation) -> None:
    send(company, conversation)
    Delivery.objects.update(attempts=MAX_ATTEMPTS - 1)
    delivery = claimed()
    record_sent(delivery=delivery, receipt=Receipt(recipients=(said(ADA, 451),)))
    delivery.refresh_from_db()
    assert (delivery.state, states(delivery)) == ("failed", {ADA: "refused"})


@pytest.mark.parametrize(("attempts", "state"), [(0, "queued"), (MAX_ATTEMPTS - 1, "failed")])
def test_a_damaged_file_that_stops_a_message_is_told_of(
    company: World, conversation: Conversation, attempts: int, state: str
) -> None:
    file = attach(agent=company.agent(), name="a.txt", content_type="text/plain", content=b"to be lost")
    reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=replace(answer("See the file", ADA), attachment_ids=(file.pk,)),
        undo=timedelta(0),
    )
    path_of(file.file.key).unlink()
    Delivery.objects.update(attempts=attempts)
    deliver(claimed())
    delivery = Delivery.objects.get()
    conversation.refresh_from_db()
    assert (delivery.state, conversation.delivery_failed) == (state, state == "failed")
    assert say(delivery.reason).startswith("Rapport itself could not send it (")


def test_what_somebody_already_has_is_not_taken_back(company: World, conversation: Conversation) -> None:
    message = send(company, conversation, cc=(BOB,))
    delivery = claimed()
    record_sent(delivery=delivery, receipt=Receipt(recipients=(said(ADA), said(BOB, 550))))
    retry(agent=company.agent(), conversation_id=conversation.pk, delivery_id=delivery.pk)
    with pytest.raises(TooLate):
        undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk)


def test_undo_keeps_what_was_typed_since_and_how_long_the_customer_waits(
    company: World, conversation: Conversation
) -> None:
    acknowledge(conversation_id=conversation.pk, text="We have it", subject="Re")
    message = send(company, conversation, "First words", undo=10)
    save_draft(agent=company.agent(), conversation=conversation, kind="reply", html="<div>Newer</div>")
    draft = undo_send(
        agent=company.agent(),
        conversation_id=conversation.pk,
        message_id=message.pk,
        offered=readers_of(message),
    ).draft
    waited_since = conversation.waiting_since
    conversation.refresh_from_db()
    assert "First words" in draft.html
    assert "Newer" in draft.html
    assert waited_since is not None
    assert conversation.waiting_since == waited_since


@pytest.mark.parametrize(("hard", "status"), [(True, Status.OPEN), (False, Status.WAITING)])
def test_a_soft_bounce_raises_the_alarm_and_does_not_reopen(
    company: World, conversation: Conversation, hard: bool, status: Status
) -> None:
    came_back(company, conversation, hard=hard)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.delivery_failed) == (status, True)


@pytest.mark.parametrize("which", ["nobody", "ours"])
def test_a_message_is_not_readdressed_to_nobody_or_to_ourselves(
    company: World, conversation: Conversation, which: str
) -> None:
    delivery = came_back(company, conversation)
    with pytest.raises(CannotCarry):
        readdress(
            agent=company.agent(),
            conversation_id=conversation.pk,
            delivery_id=delivery.pk,
            recipient_id=delivery.recipients.get(state="bounced").pk,
            address="no-reply@shop.example" if which == "nobody" else company.other_inbox.address,
        )


def test_the_form_names_the_recipient_whose_address_changes(
    company: World, conversation: Conversation, client: Client
) -> None:
    message = send(company, conversation, cc=(BOB,))
    delivery = claimed()
    record_failed(delivery=delivery, reason="550")
    client.force_login(company.agent().account)
    thread = f"/conversations/{conversation.number}"
    second = delivery.recipients.get(address=BOB).pk
    assert f'<option value="{second}">' in client.get(thread).content.decode()
    new = {"recipient": second, "address": "bobby@customer.example"}
    client.post(f"{thread}/messages/{message.pk}/address", new)
    assert states(delivery) == {ADA: "pending", "bobby@customer.example": "pending"}


def test_no_answer_goes_to_another_inbox_of_ours(company: World, conversation: Conversation) -> None:
    with pytest.raises(CannotCarry, match="another inbox of ours"):
        send(company, conversation, to=company.other_inbox.address)
