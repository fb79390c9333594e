"""PRV-01: words for colleagues, each unique, are in no byte that leaves and in no answer to a stranger."""

from datetime import timedelta

import pytest
from django.test import Client

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.reactions import confirm_receipt
from rapport.conversations.actions.drafts import attach, save_draft
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.note import add_note
from rapport.conversations.actions.reply import Answer
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.actions.spam import delete, restore
from rapport.conversations.actions.tag import change_tags
from rapport.conversations.actions.undo_send import undo_send
from rapport.conversations.models import Conversation, Delivery, DeliveryRecipient, Entry, Message, Status
from rapport.conversations.reactions import index_internal, index_side
from rapport.conversations.recipients import parse_addresses
from rapport.kernel.text import extract
from rapport.staff.models import Team
from rapport.staff.roles import Role
from tests.architecture.routes import all_routes
from tests.security.acting import ADA, all_wires, answer_to, content_of, readable, signed_in
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db
CANARIES = {
    name: f"canary{number}q{name}"
    for number, name in enumerate(
        (
            "note", "mentionnote", "notefile", "notefilebody", "filenote", "draft", "notedraft",
            "forwarddraft", "agent", "colleague", "tag", "customertag", "customernote", "team", "inbox",
            "side", "sidefile", "sideanswer", "blocked", "withdrawn", "unsentfile", "bio", "tray",
            "calldraft", "callerdraft",
        )
    )
}  # fmt: skip
SUPPLIER = "supplier@parts.example"


@pytest.fixture
def talk(company: World) -> Conversation:
    """A conversation whose every internal place holds its canary."""
    c = CANARIES
    EmailSettings.objects.create(inbox=company.inbox, acknowledge=True)
    Team.objects.filter(pk=company.team.pk).update(name=c["team"])
    type(company.inbox).objects.filter(pk=company.inbox.pk).update(name=c["inbox"])
    company.inbox.refresh_from_db()
    agent, colleague = company.agent(), company.agent(Role.SPECIALIST)
    agent.name, agent.public_name, agent.bio = c["agent"], "Robin", c["bio"]
    agent.save()
    colleague.name = c["colleague"]
    colleague.save()
    conversation = conversation_of(receive(company.inbox, mail(Cc="carl@customer.example")))
    conversation.customer.notes, conversation.customer.tags = c["customernote"], [c["customertag"]]
    conversation.customer.save()
    file = attach(
        agent=agent,
        content=c["notefilebody"].encode(),
        name=f"{c['notefile']}.txt",
        content_type="text/plain",
    )
    add_note(agent=agent, conversation_id=conversation.pk, html=c["note"])
    add_note(
        agent=agent, conversation_id=conversation.pk, html=c["mentionnote"], mentioned_ids=[colleague.pk]
    )
    add_note(agent=agent, conversation_id=conversation.pk, html=c["filenote"], attachment_ids=[file.pk])
    change_tags(agent=agent, conversation_id=conversation.pk, add=[c["tag"]])
    attach(agent=agent, content=c["unsentfile"].encode(), name=c["unsentfile"], content_type="text/plain")
    receive(company.inbox, mail(sender="manager@staff.example", subject=c["tray"], text=c["tray"]))
    _forwarded(company, conversation)
    withdrawn = answer_to(company, conversation, c["withdrawn"])
    undo_send(agent=agent, conversation_id=conversation.pk, message_id=withdrawn.pk)
    for kind, words in (("reply", "draft"), ("note", "notedraft"), ("forward", "forwarddraft")):
        save_draft(agent=colleague, conversation=conversation, kind=kind, html=c[words])
    save_draft(
        agent=colleague, conversation=None, kind="call", html=c["calldraft"], call={"name": c["callerdraft"]}
    )
    _refuse(conversation)
    return conversation


def _forwarded(company: World, conversation: Conversation) -> None:
    file = attach(agent=company.agent(), content=b"x", name=CANARIES["sidefile"], content_type="text/plain")
    side = forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html=CANARIES["side"], to=parse_addresses([SUPPLIER]), attachment_ids=(file.pk,)),
        message_id=conversation.messages.get().pk,
        undo=timedelta(0),
    )
    receive(
        company.inbox,
        mail(sender=SUPPLIER, subject="Re", text=CANARIES["sideanswer"], In_Reply_To=side.identity),
    )


def _refuse(conversation: Conversation) -> None:
    delivery = Delivery.objects.filter(side_message__isnull=False).get()
    delivery.reason = delivery.last_error = CANARIES["blocked"]
    delivery.save()
    delivery.recipients.update(detail=CANARIES["blocked"])


def leaks(content: bytes) -> list[str]:
    return [name for name, canary in CANARIES.items() if canary.encode() in content.lower()]


def to_customers() -> list[bytes]:
    rows = Delivery.objects.filter(message__isnull=False).exclude(state="withdrawn").order_by("pk")
    from tests.security.acting import wire

    return [readable(wire(delivery)) for delivery in rows]


def test_nothing_internal_is_in_any_mail_to_customers(company: World, talk: Conversation) -> None:
    for entry in Entry.objects.filter(kind="message.received"):
        confirm_receipt(entry)
    answer_to(company, talk, "First answer")
    answer_to(company, talk, "To both", ADA, cc=parse_addresses(["carl@customer.example"]))
    sent = answer_to(company, talk, "With a new reader", ADA, cc=parse_addresses(["new@customer.example"]))
    receive(company.inbox, mail(subject="Re: x", text="And then?", In_Reply_To=sent.identity))
    quoted = answer_to(company, talk, "After all that")
    assert quoted.quoted_html
    mails = to_customers()
    assert len(mails) >= 4
    for content in mails:
        assert leaks(content) == []


def test_a_confirmation_tells_nothing_internal(company: World, talk: Conversation) -> None:
    receive(company.inbox, mail(sender="fresh@customer.example", text="hello"))
    for entry in Entry.objects.filter(kind="message.received"):
        confirm_receipt(entry)
    automatic = [content for content in to_customers() if b"auto-replied" in content]
    assert automatic
    for content in automatic:
        assert leaks(content) == []


def test_the_third_party_reads_what_was_written_to_them(company: World, talk: Conversation) -> None:
    (content,) = [each for each in map(readable, all_wires()) if SUPPLIER.encode() in each]
    assert set(leaks(content)) == {"side", "sidefile"}


def test_a_second_forward_carries_no_note_and_no_earlier_side_talk(
    company: World, talk: Conversation
) -> None:
    for message in talk.messages.filter(direction="in"):
        forward(
            agent=company.agent(),
            conversation_id=talk.pk,
            answer=Answer(html="Please look", to=parse_addresses(["second@parts.example"])),
            message_id=message.pk,
            undo=timedelta(0),
        )
    sent = [each for each in map(readable, all_wires()) if b"second@parts.example" in each]
    assert sent
    for content in sent:
        assert leaks(content) == []


def test_no_draft_for_colleagues_stands_in_the_form_of_a_first_mail(
    company: World, talk: Conversation
) -> None:
    page = content_of(signed_in(company.agent(Role.SPECIALIST)).get("/new"))
    assert not [name for name in leaks(page) if "draft" in name]


STATES = ("new", "mentioning", "with a file", "in a talk deleted and restored", "in a talk that was solved")


@pytest.mark.parametrize("state", STATES)
def test_no_state_of_a_note_lets_it_out(company: World, state: str) -> None:
    """After each, the customer is answered with the quote, and every mail of the talk is passed on."""
    agent, colleague = company.agent(), company.agent(Role.SPECIALIST)
    conversation = conversation_of(receive(company.inbox, mail()))
    files, mentioned = [], [colleague.pk] if state == "mentioning" else []
    if state == "with a file":
        content = CANARIES["notefilebody"].encode()
        file = attach(agent=agent, name=CANARIES["notefile"], content=content, content_type="text/plain")
        files.append(file.pk)
    add_note(
        agent=agent,
        conversation_id=conversation.pk,
        html=CANARIES["note"],
        mentioned_ids=mentioned,
        attachment_ids=files,
    )
    if state == "in a talk deleted and restored":
        for act in (delete, restore):
            act(agent=company.agent(Role.ADMINISTRATOR), conversation_id=conversation.pk)
    elif state == "in a talk that was solved":
        set_status(agent=agent, conversation_id=conversation.pk, status=Status.SOLVED)
    sent = answer_to(company, conversation, "An answer")
    receive(company.inbox, mail(subject="Re: x", text="And then?", In_Reply_To=sent.identity))
    assert answer_to(company, conversation, "After all that").quoted_html
    to = parse_addresses([SUPPLIER])
    DeliveryRecipient.objects.update(state="sent")
    for message in conversation.messages.order_by("pk"):
        forward(
            agent=agent,
            conversation_id=conversation.pk,
            answer=Answer(html="Please look", to=to),
            message_id=message.pk,
            undo=timedelta(0),
        )
    DeliveryRecipient.objects.update(state="pending")
    mails = [readable(each) for each in all_wires()]
    assert len(mails) >= 5
    for content in mails:
        assert leaks(content) == []


def test_no_public_row_holds_anything_internal(company: World, talk: Conversation) -> None:
    answer_to(company, talk, "Answer")
    for message in Message.objects.exclude(deliveries__state="withdrawn"):
        words = f"{message.html}{message.text}{message.quoted_html}{message.signature_html}{message.subject}"
        assert leaks(f"{words}{message.sender_name}{extract.text_of(message.html)}".encode()) == []


def test_a_stranger_is_told_nothing(company: World, talk: Conversation) -> None:
    message, side = talk.messages.earliest("pk"), talk.side_messages.earliest("pk")
    file = talk.notes.latest("pk").attachments.earliest("pk")
    stranger = Client(raise_request_exception=False)
    asked = 0
    for route in all_routes():
        for pk in {message.pk, side.pk, file.pk, talk.pk, company.agent().pk}:
            values = {"number": talk.number, "message": pk, "pk": pk, "name": "x", "key": "all"}
            for method in ("get", "post"):
                answer = getattr(stranger, method)(route.address(**values), {"q": "canary"})
                content = content_of(answer) + str(dict(answer.headers)).encode()
                assert leaks(content) == [], (method, route.name)
                asked += 1
    assert asked > 200


def test_every_canary_is_where_colleagues_read_it(company: World, talk: Conversation) -> None:
    """Without this the tests above would pass for canaries that stand nowhere."""
    for entry in Entry.objects.filter(kind="note.added"):
        index_internal(entry)
    for entry in Entry.objects.filter(kind__startswith="side."):
        index_side(entry)
    boss, seen = signed_in(company.agent(Role.ADMINISTRATOR)), set()
    own, colleague = signed_in(company.agent()), signed_in(company.agent(Role.SPECIALIST))
    here = f"/conversations/{talk.number}"
    file = talk.notes.latest("pk").attachments.get()
    pages = [
        (boss, here), (boss, f"{here}/panel"), (boss, "/trays"),
        (boss, "/settings/people"), (boss, f"/files/{file.pk}/x"),
        (own, here),
        (boss, "/search?q=canary0qnote"), (own, "/profile"), (boss, "/settings/inboxes"),
        (colleague, "/new?mode=call"),
        *((colleague, f"{here}?part=composer&mode={mode}") for mode in ("reply", "note", "forward")),
    ]  # fmt: skip
    for client, address in pages:
        seen |= set(leaks(content_of(client.get(address))))
    assert set(CANARIES) - seen <= {"unsentfile", "blocked"}
