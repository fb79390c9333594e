"""Old mail of the Sent folder is ours, whoever of us sent it."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.models import Conversation, Entry, Message, Status
from rapport.conversations.recipients import parse_addresses
from rapport.customers.models import Identity
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Outcome, RawInbound
from rapport.kernel.live.models import LiveSignal
from rapport.kernel.sentences import say
from rapport.staff.roles import Role
from tests import world
from tests.world import World, conversation_of, ingest, mail, receive

pytestmark = pytest.mark.django_db

ALIAS = "Velo Nord <hello@velonord.example>"


@pytest.fixture
def company() -> World:
    return world.build()


def take_over(company: World, content: bytes, source: str = "sent") -> RawInbound:
    raw = store_raw(inbox=company.inbox, content=content, source=source, origin="import")
    ingest()
    return RawInbound.objects.get(pk=raw.pk)


def customers() -> set[str]:
    return set(Identity.objects.values_list("value", flat=True))


def test_an_old_answer_sent_by_an_alias_stood_as_incoming(company: World) -> None:
    asked = take_over(company, mail(Message_ID="<ask@customer.example>"), source="imap")
    answer = mail(sender=ALIAS, to="ada@customer.example", In_Reply_To="<ask@customer.example>")
    message = Message.objects.get(raw=take_over(company, answer))
    assert (message.direction, message.sender_address) == ("out", "hello@velonord.example")
    assert message.conversation == Message.objects.get(raw=asked).conversation
    assert customers() == {"ada@customer.example"}


def test_a_colleague_who_had_answered_became_a_customer(company: World) -> None:
    colleague = company.agent(Role.TEAM_LEAD).account.email
    sent = mail(sender=colleague, to=f"{colleague}, ada@customer.example")
    assert Message.objects.get(raw=take_over(company, sent)).direction == "out"
    assert customers() == {"ada@customer.example"}


def test_what_went_among_colleagues_alone_began_a_conversation(company: World) -> None:
    lead, other = (
        company.agent(Role.TEAM_LEAD).account.email,
        company.agent(Role.REPRESENTATIVE).account.email,
    )
    raw = take_over(company, mail(sender=lead, to=other))
    assert (raw.outcome, customers()) == (Outcome.NOTED, set())


def test_a_wrong_date_sank_an_old_mail_below_all_history(company: World) -> None:
    for number, date in enumerate(
        ["Thu, 01 Jan 1970 00:00:00 +0000", "Fri, 01 May 2020 10:00:00 +0000", "x"]
    ):
        raw = take_over(company, mail(text=f"{number}", Date=date), source="imap")
        message = Message.objects.get(raw=raw)
        conversation = message.conversation
        assert message.created_at == conversation.last_message_at == raw.received_at
        shown = Entry.objects.get(conversation=conversation, kind="message.received").occurred_at
        assert (shown.year == 2020) == (number == 1)


def test_nobody_waits_for_what_was_taken_over_and_is_reopened(company: World) -> None:
    agent, conversation = company.agent(), conversation_of(take_over(company, mail(), source="imap"))
    set_status(agent=agent, conversation_id=conversation.pk, status=Status.OPEN)
    conversation.refresh_from_db()
    assert conversation.waiting_since is None
    receive(company.inbox, mail(text="Once more", In_Reply_To=Message.objects.get().identity))
    lately = Message.objects.latest("pk").created_at
    for status in (Status.SOLVED, Status.OPEN):
        set_status(agent=agent, conversation_id=conversation.pk, status=status)
    conversation.refresh_from_db()
    assert conversation.waiting_since == lately


def test_our_own_answers_came_a_second_time_from_the_sent_folder(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    to = parse_addresses(["ada@customer.example"])
    answer = Answer(html="<div>Yes</div>", to=to)
    sent = reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    aside = Answer(html="<div>Yes</div>", to=parse_addresses(["lab@firm.example"]))
    passed_on = forward(
        agent=company.agent(), conversation_id=conversation.pk, answer=aside, undo=timedelta(0)
    )
    type(sent).objects.filter(pk=sent.pk).update(provider_id="<relay@mail.example>")
    for known in (sent.identity, "<relay@mail.example>", passed_on.identity):
        again = mail(sender=company.inbox.address, to="ada@customer.example", Message_ID=known, text=known)
        raw = take_over(company, again)
        assert (raw.outcome, f"#{conversation.number}" in say(raw.reason)) == (Outcome.DUPLICATE, True)
    assert Conversation.objects.get() == conversation


def test_an_old_mail_of_a_customer_that_names_a_message_id_of_ours_is_kept(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    answer = Answer(html="<div>Yes</div>", to=parse_addresses(["ada@customer.example"]))
    sent = reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    raw = take_over(company, mail(Message_ID=sent.identity, text="Other words"), source="imap")
    assert Message.objects.get(raw=raw).direction == "in"


@pytest.mark.parametrize(
    ("changed", "times"),
    [({}, 1), ({"text": "Später"}, 2), ({"file": b"22"}, 2), ({"file": b"2"}, 2), ({"html": "<p>37</p>"}, 2)],
)
def test_a_mail_that_had_come_by_another_way_came_again_with_the_history(
    company: World, changed: dict[str, Any], times: int
) -> None:
    raw = receive(company.inbox, recoded("8bit"))
    take_over(company, recoded("quoted-printable", **changed), source="imap")
    assert RawInbound.objects.count() == 2
    assert Message.objects.filter(sender_address="ada@customer.example").count() == times
    if times == 1:
        assert f"#{conversation_of(raw).number}" in say(RawInbound.objects.latest("pk").reason)


def test_every_mail_came_again_with_the_history_of_a_server_that_writes_it_otherwise(company: World) -> None:
    store_raw(inbox=company.inbox, content=recoded("8bit", html="<p>Größe 38</p>"), source="imap")
    ingest()
    again = recoded("quoted-printable", html="<html><body><p>Größe\n38</p></body></html>")
    assert take_over(company, again, source="imap").outcome == Outcome.DUPLICATE
    assert Message.objects.count() == 1


def test_a_signed_mail_of_before_signatures_were_folded_came_again_with_the_history(company: World) -> None:
    text, html = "Is 38 right?\n\n-- \nAda Byron\n", "<p>Is 38 right?</p><p>-- <br>Ada Byron</p>"
    receive(company.inbox, recoded("8bit", text=text, html=html))
    message = Message.objects.get()
    assert message.signature_html
    Message.objects.update(html=message.signed_html, signature_html="")
    again = recoded("quoted-printable", text=text, html=html)
    assert take_over(company, again, source="imap").outcome == Outcome.DUPLICATE


def test_of_a_machine_that_says_the_same_each_day_under_one_message_id_one_old_mail_was_kept(
    company: World,
) -> None:
    days = [b"Date: Mon, 0%d Jun 2026 08:00:00 +0000\n" % day for day in (1, 8, 1)]
    outcomes = [
        take_over(company, day + recoded(encoding), source="imap").outcome
        for day, encoding in zip(days, ("8bit", "8bit", "quoted-printable"), strict=True)
    ]
    assert outcomes == [Outcome.PARSED, Outcome.PARSED, Outcome.DUPLICATE]


def test_each_old_mail_that_was_here_already_woke_all_open_screens(company: World) -> None:
    receive(company.inbox, recoded("8bit"))
    LiveSignal.objects.all().delete()
    raw = take_over(company, recoded("quoted-printable"), source="imap")
    assert raw.outcome == Outcome.DUPLICATE
    assert not LiveSignal.objects.filter(topic=f"team:{company.team.pk}").exists()


def recoded(encoding: str, *, text: str = "Größe", html: str = "", file: bytes = b"1") -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "ada@customer.example", "support@velonord.example"
    message["Subject"], message["Message-ID"] = "Size", "<size@customer.example>"
    message.set_content(text, cte=encoding)
    if html:
        message.add_alternative(html, subtype="html", cte=encoding)
    message.add_attachment(file, maintype="image", subtype="png", filename="a.png")
    return message.as_bytes()
