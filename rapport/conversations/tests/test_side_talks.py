"""Who may read what is written to third parties, and what of a conversation is passed on to them."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from rapport.channels.delivery.queue import due
from rapport.conversations.actions.answer_side import answer_side
from rapport.conversations.actions.drafts import attach, save_draft
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.mend_delivery import readdress, skip
from rapport.conversations.actions.record_delivery import record_failed, record_sent
from rapport.conversations.actions.reply import Answer, CannotCarry, reply
from rapport.conversations.actions.undo_forward import undo_forward
from rapport.conversations.actions.undo_send import undo_send
from rapport.conversations.below import Below
from rapport.conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    Draft,
    Message,
    Participant,
    SideMessage,
)
from rapport.conversations.outgoing import build
from rapport.conversations.queries.access import NotFound
from rapport.conversations.recipients import parse_addresses, stored
from rapport.customers.actions.identify import identify
from rapport.customers.actions.merge import merge
from rapport.inboxes.contract import OutgoingMessage, Receipt, RecipientResult
from rapport.kernel.clock import now
from rapport.kernel.jobs.leases import claim
from rapport.staff.roles import Role
from tests.world import World, conversation_of, mail, receive

ADA, LAB = "ada@customer.example", "lab@parts.example"
ELSEWHERE = "ada@work.example"


def answer(text: str, *to: str, cc: tuple[str, ...] = ()) -> Answer:
    return Answer(html=f"<div>{text}</div>", to=parse_addresses(to or [LAB]), cc=parse_addresses(cc))


def claimed() -> Delivery:
    (delivery,) = claim(due(), limit=5, lease=timedelta(minutes=1), worker="test")
    return delivery


def failed() -> Delivery:
    delivery = claimed()
    record_failed(delivery=delivery, reason="550")
    return delivery


def send_elsewhere(company: World, delivery: Delivery, address: str) -> OutgoingMessage:
    """Change the address of a delivery that failed, and return what goes there."""
    readdress(
        agent=company.agent(),
        conversation_id=delivery.conversation_id,
        delivery_id=delivery.pk,
        recipient_id=delivery.recipients.get().pk,
        address=address,
    )
    return build(claimed())[0]


def ask(company: World, conversation: Conversation, *to: str, cc: tuple[str, ...] = ()) -> SideMessage:
    """Ask the laboratory and return what it answers."""
    side = forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=answer("Can you look?", *to, cc=cc),
        undo=timedelta(0),
    )
    Delivery.objects.update(state="done")
    words = {"In_Reply_To": side.identity, "Message_ID": "<lab@parts.example>", "subject": "Re: Fork"}
    receive(company.inbox, mail(sender=f"Lab <{LAB}>", text="SECRET margin is 40", **words))
    return SideMessage.objects.get(direction="in")


def answer_lab(
    company: World, answered: SideMessage, *to: str, cc: tuple[str, ...] = (), text: str = "Our price is 10"
) -> SideMessage:
    return answer_side(
        agent=company.agent(),
        conversation_id=answered.conversation_id,
        side_message_id=answered.pk,
        answer=answer(text, *to, cc=cc),
        undo=timedelta(0),
    )


def join_customers(company: World, conversation: Conversation, address: str) -> None:
    """Say that the person with an address is the customer."""
    other = identify(value=address, name="Ada B", at=now()).customer
    merge(agent=company.agent(Role.TEAM_LEAD), duplicate=other, into=conversation.customer)


def use_elsewhere(company: World, conversation: Conversation, how: str) -> None:
    """Let the customer's side have one more address."""
    if how == "merged":
        join_customers(company, conversation, ELSEWHERE)
    elif how == "identity":
        conversation.identity = identify(value=ELSEWHERE, name="Somebody", at=now()).identity
        conversation.save()
    else:
        pending = how == "pending"
        Participant.objects.create(conversation=conversation, address=ELSEWHERE, role="cc", pending=pending)


@pytest.mark.parametrize("how", ["merged", "identity", "participant", "pending"])
def test_the_customers_side_read_a_side_talk_at_another_address(
    company: World, conversation: Conversation, how: str
) -> None:
    answered = ask(company, conversation)
    use_elsewhere(company, conversation, how)
    with pytest.raises(CannotCarry, match=ELSEWHERE):
        answer_lab(company, answered, LAB, cc=("Ada@Work.example",))
    assert SideMessage.objects.count() == 2


@pytest.mark.parametrize("how", ["own", "merged", "participant"])
def test_a_changed_address_sent_a_side_talk_to_the_customer(
    company: World, conversation: Conversation, how: str
) -> None:
    answered = ask(company, conversation)
    if how != "own":
        use_elsewhere(company, conversation, how)
    answer_lab(company, answered)
    delivery = failed()
    recipient = delivery.recipients.get()
    with pytest.raises(CannotCarry, match="must not read this"):
        send_elsewhere(company, delivery, ADA if how == "own" else ELSEWHERE)
    recipient.refresh_from_db()
    delivery.refresh_from_db()
    assert (recipient.address, delivery.state) == (LAB, "failed")


def test_a_third_party_in_copy_of_the_conversation_is_answered_in_its_own_talk(
    company: World, conversation: Conversation
) -> None:
    answered = ask(company, conversation)
    Participant.objects.create(conversation=conversation, address=LAB, role="cc")
    assert answer_lab(company, answered).to == [{"address": LAB, "name": ""}]


def post(
    company: World, conversation: Conversation, message: Message | None, **fields: object
) -> SideMessage:
    """Send “FYI” to the laboratory from one form, whose answer nobody has heard."""
    return forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=replace(answer("FYI"), **{"nonce": "form", **fields}),  # type: ignore[arg-type]
        message_id=message.pk if message else None,
    )


def attached(company: World) -> int:
    return attach(agent=company.agent(), name="a.txt", content_type="text/plain", content=b"a").pk


def test_a_forward_of_another_message_with_the_same_words_was_taken_for_the_first(
    company: World, conversation: Conversation
) -> None:
    first = Message.objects.get()
    more = mail(text="Any news?", In_Reply_To=first.identity, Message_ID="<2@c.example>")
    second = Message.objects.get(raw=receive(company.inbox, more))
    sides = [
        post(company, conversation, first),
        post(company, conversation, second, nonce="form~1"),
        post(company, conversation, None, nonce="form~2"),
    ]
    assert [side.forwarded for side in sides] == [first, second, None]
    assert post(company, conversation, second, nonce="form~3") == sides[1]
    assert SideMessage.objects.count() == 3


def test_a_forward_left_out_how_its_writer_can_be_reached(company: World, conversation: Conversation) -> None:
    text = "Any news?\n\n-- \nAda Byron\nTel. +44 20 7946 0000\n"
    signed = mail(text=text, In_Reply_To=Message.objects.get().identity, Message_ID="<signed@c.example>")
    side = post(company, conversation, Message.objects.get(raw=receive(company.inbox, signed)))
    assert "Any news?" in side.html
    assert "+44 20 7946 0000" in side.html


@pytest.mark.parametrize("what", ["file", "subject", "chosen"])
def test_a_forward_with_what_had_been_forgotten_was_taken_for_the_first(
    company: World, conversation: Conversation, what: str
) -> None:
    message = Message.objects.get()
    first = post(company, conversation, message)
    if what == "chosen":
        second = forward(
            agent=company.agent(),
            conversation_id=conversation.pk,
            answer=replace(answer("FYI"), nonce="form~1"),
            message_id=message.pk,
            file_ids=(),
        )
    else:
        more = {"attachment_ids": (attached(company),)} if what == "file" else {"subject": "The fork"}
        second = post(company, conversation, message, nonce="form~1", **more)
    assert second != first


def test_an_answer_to_a_third_party_with_the_words_of_a_forward_was_taken_for_it(
    company: World, conversation: Conversation
) -> None:
    answered = ask(company, conversation)
    forwarded = post(company, conversation, None)
    written = answer_side(
        agent=company.agent(),
        conversation_id=conversation.pk,
        side_message_id=answered.pk,
        answer=replace(answer("FYI"), nonce="form~1"),
    )
    assert (written.answered, forwarded.answered) == (answered, None)


def test_a_reply_that_got_its_forgotten_file_was_taken_for_the_first(
    company: World, conversation: Conversation
) -> None:
    words = replace(answer("See the file", ADA), nonce="form")
    first = reply(agent=company.agent(), conversation_id=conversation.pk, answer=words)
    whole = replace(words, nonce="form~1", attachment_ids=(attached(company),))
    second = reply(agent=company.agent(), conversation_id=conversation.pk, answer=whole)
    assert (first.attachments.count(), second.attachments.count()) == (0, 1)
    assert reply(agent=company.agent(), conversation_id=conversation.pk, answer=whole) == second


def sign(company: World) -> None:
    """Let a signature hold what looks like a quote."""
    agent = company.agent()
    agent.signature_html = "<p>Regards</p><blockquote>Ride on</blockquote>"
    agent.save()


@pytest.mark.parametrize("older", [False, True])
def test_a_changed_address_was_shown_what_a_third_party_had_written(
    company: World, conversation: Conversation, older: bool
) -> None:
    sign(company)
    side = answer_lab(company, ask(company, conversation))
    if older:
        SideMessage.objects.update(signed=None)
    outgoing = send_elsewhere(company, failed(), "supplier@other.example")
    assert [each.value for each in outgoing.to] == ["supplier@other.example"]
    assert "Our price is 10" in outgoing.text
    assert ("Ride on" in outgoing.text) is not older
    assert "SECRET" in side.html
    assert "SECRET" not in outgoing.html + outgoing.text


def test_a_changed_address_that_had_what_is_quoted_keeps_the_quote(
    company: World, conversation: Conversation
) -> None:
    answered = ask(company, conversation, "desk@parts.example", LAB)
    answer_lab(company, answered, LAB)
    answered.to = [*answered.to, {"address": "Desk@parts.example", "name": ""}]
    answered.save()
    outgoing = send_elsewhere(company, failed(), "desk@parts.example")
    assert "SECRET" in outgoing.text


def test_a_forward_to_a_changed_address_still_passes_on_the_message(
    company: World, conversation: Conversation
) -> None:
    post(company, conversation, Message.objects.get())
    Delivery.objects.update(run_at=now())
    outgoing = send_elsewhere(company, failed(), "supplier@other.example")
    assert "where is my parcel?" in outgoing.text


def test_a_forward_went_to_the_customer_whose_answer_then_was_internal(
    company: World, conversation: Conversation
) -> None:
    incoming = Message.objects.get()
    with pytest.raises(CannotCarry, match="would stay internal"):
        forward(
            agent=company.agent(),
            conversation_id=conversation.pk,
            answer=answer("Can you look?", LAB, cc=("Ada@Customer.example",)),
            message_id=incoming.pk,
        )
    assert not SideMessage.objects.exists()
    post(company, conversation, incoming)
    Delivery.objects.update(run_at=now())
    with pytest.raises(CannotCarry, match="would stay internal"):
        send_elsewhere(company, failed(), ADA)


def test_a_forward_went_to_whom_the_customer_had_copied(company: World) -> None:
    talk = conversation_of(receive(company.inbox, mail(Cc="Adam <adam@customer.example>")))
    with pytest.raises(CannotCarry, match=r"adam@customer\.example takes part .* Add it to a reply instead"):
        ask(company, talk, LAB, cc=("Adam@Customer.example",))
    assert not SideMessage.objects.exists()


@pytest.mark.parametrize("how", ["participant", "pending"])
def test_a_changed_address_sent_a_forward_to_who_takes_part_with_the_customer(
    company: World, conversation: Conversation, how: str
) -> None:
    use_elsewhere(company, conversation, how)
    post(company, conversation, Message.objects.get())
    Delivery.objects.update(run_at=now())
    with pytest.raises(CannotCarry, match=ELSEWHERE):
        send_elsewhere(company, failed(), ELSEWHERE)


def test_a_third_party_whom_the_customer_copies_later_can_be_asked_again(
    company: World, conversation: Conversation
) -> None:
    ask(company, conversation)
    Participant.objects.create(conversation=conversation, address=LAB, role="cc")
    ask(company, conversation)
    assert SideMessage.objects.filter(direction="out").count() == 2


def test_a_third_party_whose_forward_was_taken_back_takes_part_with_the_customer_alone(
    company: World, conversation: Conversation
) -> None:
    incoming = Message.objects.get()
    side = post(company, conversation, incoming)
    undo_forward(agent=company.agent(), conversation_id=conversation.pk, side_message_id=side.pk)
    Participant.objects.create(conversation=conversation, address=LAB, role="cc")
    with pytest.raises(CannotCarry, match=LAB):
        post(company, conversation, incoming, nonce="another form")


@pytest.mark.parametrize("known", [False, True])
def test_a_changed_address_was_shown_the_quote_of_a_reply(
    company: World, conversation: Conversation, known: bool
) -> None:
    """An address is known by the mail that is quoted: its readers have it already."""
    sign(company)
    words = mail(text="My PIN is 1234", Cc="Ben <ben@customer.example>", Message_ID="<2@customer.example>")
    incoming = Message.objects.get(raw=receive(company.inbox, words))
    reply(
        agent=company.agent(),
        conversation_id=incoming.conversation_id,
        answer=answer("On its way", ADA),
        undo=timedelta(0),
    )
    outgoing = send_elsewhere(company, failed(), "ben@customer.example" if known else ELSEWHERE)
    assert "On its way" in outgoing.text
    assert "Ride on" in outgoing.text
    assert ("1234" in outgoing.html, "1234" in outgoing.text) == (known, known)


def said(address: str, *, accepted: bool) -> RecipientResult:
    return RecipientResult(address=address, accepted=accepted, permanent=not accepted, detail="by the server")


@pytest.mark.parametrize("how", ["undo window", "being sent", "refused", "given up"])
def test_words_that_nobody_had_yet_were_passed_on(
    company: World, conversation: Conversation, how: str
) -> None:
    words = answer("We pay 40", ADA, cc=("ben@customer.example",))
    wait = timedelta(minutes=1 if how == "undo window" else 0)
    written = reply(agent=company.agent(), conversation_id=conversation.pk, answer=words, undo=wait)
    if how != "undo window":
        delivery = claimed()
        if how in {"refused", "given up"}:
            record_failed(delivery=delivery, reason="550")
        if how == "given up":
            skip(agent=company.agent(), conversation_id=conversation.pk, delivery_id=delivery.pk)
    with pytest.raises(NotFound):
        post(company, conversation, written)
    assert not SideMessage.objects.exists()


def test_an_answer_that_reached_one_of_two_can_be_passed_on(
    company: World, conversation: Conversation
) -> None:
    words = answer("We pay 40", ADA, "ben@customer.example")
    written = reply(agent=company.agent(), conversation_id=conversation.pk, answer=words, undo=timedelta(0))
    results = (said(ADA, accepted=True), said("ben@customer.example", accepted=False))
    record_sent(delivery=claimed(), receipt=Receipt(recipients=results))
    assert "We pay 40" in post(company, conversation, written).text


def test_an_answer_that_was_sent_elsewhere_can_be_passed_on(
    company: World, conversation: Conversation
) -> None:
    sent = Message.objects.create(
        conversation=conversation, direction="out", html="<p>We pay 40</p>", created_at=now()
    )
    assert "We pay 40" in post(company, conversation, sent).text


def begin(
    company: World, conversation: Conversation, to: str, below: Below, html: str = "<p>Newer</p>"
) -> Draft:
    """Keep a forward that is begun, as the composer does."""
    return save_draft(
        agent=company.agent(),
        conversation=conversation,
        kind="forward",
        html=html,
        to=stored(parse_addresses([to])),
        below=below,
    )


@pytest.mark.parametrize("what", ["others", "something else", "file"])
def test_words_for_one_third_party_stood_addressed_to_another_after_taking_back(
    company: World, conversation: Conversation, what: str
) -> None:
    message = Message.objects.get()
    side = post(company, conversation, message, attachment_ids=(attached(company),))
    to = LAB if what == "something else" else "supplier@other.example"
    begun = begin(
        company,
        conversation,
        to,
        Below(message_id=None if what == "something else" else message.pk),
        html="" if what == "file" else "<p>Newer</p>",
    )
    Attachment.objects.filter(pk=attached(company)).update(draft=begun)
    draft = undo_forward(agent=company.agent(), conversation_id=conversation.pk, side_message_id=side.pk)
    assert (draft.kind, draft.html, draft.attachments.count()) == ("note", "<div>FYI</div>", 1)
    kept = Draft.objects.get(kind="forward")
    assert (kept.html, kept.to, kept.below) == (begun.html, begun.to, begun.below)
    assert kept.attachments.count() == 1
    assert Delivery.objects.get().state == Delivery.WITHDRAWN


def test_words_to_the_same_third_party_are_one_text_again_after_taking_back(
    company: World, conversation: Conversation
) -> None:
    message = Message.objects.get()
    side = post(company, conversation, message)
    begin(company, conversation, LAB.upper(), Below(message_id=message.pk))
    draft = undo_forward(agent=company.agent(), conversation_id=conversation.pk, side_message_id=side.pk)
    assert (draft.kind, draft.html) == ("forward", "<div>FYI</div><p>Newer</p>")
    assert draft.below["message"] == message.pk


def listed(conversation: Conversation) -> tuple[str, object]:
    conversation.refresh_from_db()
    return conversation.preview, conversation.last_message_at


def test_a_third_partys_answer_neither_moved_nor_dated_the_row_in_the_list(
    company: World, conversation: Conversation
) -> None:
    waiting = conversation.waiting_since
    answered = ask(company, conversation)
    assert listed(conversation) == ("Lab: SECRET margin is 40", answered.created_at)
    assert conversation.places.get().last_message_at == answered.created_at
    assert conversation.waiting_since == waiting


def test_an_answer_taken_back_hid_what_a_third_party_had_written_before_it(
    company: World, conversation: Conversation
) -> None:
    answered = ask(company, conversation)
    sent = reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer("Yes", ADA))
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=sent.pk)
    assert listed(conversation) == ("Lab: SECRET margin is 40", answered.created_at)


@pytest.mark.parametrize("html", [False, True])
def test_how_a_third_party_can_be_reached_was_left_out_of_its_answer(
    company: World, conversation: Conversation, html: bool
) -> None:
    side = post(company, conversation, None)
    text = "The fork is fine.\n\n-- \nLea Brandt\nTel. +49 30 1234\n"
    answered = EmailMessage()
    answered["From"], answered["To"] = LAB, "support@velonord.example"
    answered["In-Reply-To"], answered["Message-ID"] = side.identity, "<signed@parts.example>"
    answered.set_content(text)
    if html:
        words = "<p>The fork is fine.</p><p>-- <br>Lea Brandt<br>Tel. +49 30 1234</p>"
        answered.add_alternative(words, subtype="html")
    receive(company.inbox, answered.as_bytes())
    came = SideMessage.objects.get(direction="in")
    assert came.text == "The fork is fine."
    assert came.html.count("The fork is fine.") == came.html.count("+49 30 1234") == 1


def test_what_a_machine_answers_to_a_forward_stays_out_of_the_list(
    company: World, conversation: Conversation
) -> None:
    side = post(company, conversation, None)
    before = listed(conversation)
    receive(company.inbox, mail(sender=LAB, In_Reply_To=side.identity, Auto_Submitted="auto-replied"))
    sent = reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer("Yes", ADA))
    undo_send(agent=company.agent(), conversation_id=conversation.pk, message_id=sent.pk)
    assert SideMessage.objects.filter(direction="in").exists()
    assert listed(conversation) == before
