import time
from datetime import timedelta

import pytest
from django.utils import translation

from rapport.channels.email import smtp
from rapport.channels.email.actions import try_plus_address as trying
from rapport.channels.email.actions.connect import connect
from rapport.channels.email.actions.try_plus_address import try_plus_address
from rapport.channels.email.adapter import EmailChannel
from rapport.channels.email.models import EmailSettings, Incoming, Outgoing, Security
from rapport.channels.email.plus_proof import PATIENCE, Proof, proof
from rapport.channels.email.tests.conftest import make_inbox
from rapport.channels.email.tests.scripted_smtp import Script, smtp_server
from rapport.channels.testing.conformance import read_all
from rapport.conversations.models import Conversation
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.contract import Address, OutgoingMessage
from rapport.inboxes.models import Inbox, Outcome, RawInbound
from rapport.kernel import clock
from rapport.kernel.jobs.hold import hold
from rapport.kernel.sentences import say
from rapport.staff.authority import Refused
from rapport.staff.models import Account, Agent
from rapport.staff.roles import Role

pytestmark = pytest.mark.django_db
ADDRESS = "Help@shop.example"


@pytest.fixture
def administrator(db: None) -> Agent:
    account = Account.objects.create(email="ada@staff.example")
    return Agent.objects.create(account=account, name="Ada", role=Role.ADMINISTRATOR)


def inbox_at(script: Script) -> Inbox:
    return make_inbox(
        ADDRESS,
        incoming=Incoming.SERVER,
        outgoing=Outgoing.SMTP,
        smtp_host="127.0.0.1",
        smtp_port=script.port,
        smtp_security=Security.NONE,
    )


def state(inbox: Inbox) -> Proof:
    return proof(EmailSettings.objects.get(inbox=inbox), inbox.address)


def reply_to(inbox: Inbox, script: Script) -> bytes:
    identity, token = EmailChannel().new_identity(inbox)
    EmailChannel().send(
        OutgoingMessage(
            identity=identity,
            token=token,
            sender=Address(inbox.address),
            to=(Address("ann@example.org"),),
            text="It rings.",
        ),
        inbox,
    )
    smtp.close_idle()
    return next((line for line in script.mails[-1].splitlines() if line.startswith(b"Reply-To:")), b"")


def test_a_test_mail_that_comes_back_is_a_proof_and_no_conversation(
    administrator: Agent,
) -> None:
    with smtp_server(Script()) as script:
        inbox = inbox_at(script)
        assert state(inbox) == Proof.UNTRIED
        try_plus_address(actor=administrator, inbox=inbox)
        assert state(inbox) == Proof.WAITING
        assert reply_to(inbox, script) == b""
        store_raw(inbox=inbox, content=script.mails[0], source="lmtp")
        read_all()
        assert state(inbox) == Proof.PROVEN
        assert b"Help+r." in reply_to(inbox, script)
    [recipient] = [each for each in script.commands if each.startswith("rcpt") and "ann@" not in each]
    assert "Help+t." in recipient
    assert not Conversation.objects.exists()
    assert RawInbound.objects.get().outcome == Outcome.NOTED
    assert "arrived" in say(RawInbound.objects.get().reason)


def test_only_the_newest_mail_of_this_very_inbox_proves_anything(administrator: Agent) -> None:
    with smtp_server(Script()) as script:
        inbox = inbox_at(script)
        other = make_inbox("other@shop.example")
        try_plus_address(actor=administrator, inbox=inbox)
        try_plus_address(actor=administrator, inbox=inbox)
    former, newest = script.mails
    store_raw(inbox=inbox, content=former, source="lmtp")
    store_raw(inbox=other, content=newest, source="lmtp")
    read_all()
    assert state(inbox) == Proof.WAITING
    store_raw(inbox=inbox, content=newest.replace(b"+t.", b"+x."), source="lmtp")
    forged = newest.replace(b"+t.", b"+t.aaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbb@x.example, Help+x.")
    store_raw(inbox=inbox, content=forged + b"x", source="lmtp")
    read_all()
    assert state(inbox) == Proof.WAITING
    store_raw(inbox=inbox, content=newest + b"\r\nfooter\r\n", source="lmtp")
    read_all()
    assert state(inbox) == Proof.PROVEN
    assert not Conversation.objects.exists()


def test_after_ten_minutes_it_is_missing_and_a_late_one_still_counts(administrator: Agent) -> None:
    with smtp_server(Script()) as script:
        inbox = inbox_at(script)
        try_plus_address(actor=administrator, inbox=inbox)
    with clock.travel(clock.now() + PATIENCE + timedelta(seconds=1)):
        assert state(inbox) == Proof.MISSING
        store_raw(inbox=inbox, content=script.mails[0], source="lmtp")
        read_all()
        assert state(inbox) == Proof.PROVEN


def test_another_address_or_another_mailbox_is_not_proven(administrator: Agent) -> None:
    with smtp_server(Script()) as script:
        inbox = inbox_at(script)
        try_plus_address(actor=administrator, inbox=inbox)
    store_raw(inbox=inbox, content=script.mails[0], source="lmtp")
    read_all()
    settings = EmailSettings.objects.get(inbox=inbox)
    assert proof(settings, "new@shop.example") == Proof.UNTRIED
    connect(actor=administrator, inbox=inbox, values={"authserv_id": "mx.shop.example"})
    assert state(inbox) == Proof.PROVEN
    connect(actor=administrator, inbox=inbox, values={"imap_host": "elsewhere.example"})
    assert state(inbox) == Proof.UNTRIED


@pytest.mark.parametrize("replies", [{"RCPT": "550 5.1.1 no plus here"}, {"MAIL": "451 4.3.0 no plus here"}])
def test_a_test_mail_that_is_refused_is_said_in_words(replies: dict[str, str], administrator: Agent) -> None:
    with smtp_server(Script(replies)) as script:
        inbox = inbox_at(script)
        with pytest.raises(Refused) as caught:
            try_plus_address(actor=administrator, inbox=inbox)
    assert "no plus here" in str(caught.value.reason)
    assert state(inbox) == Proof.UNTRIED


def test_a_server_that_looks_through_the_test_mail_for_long_held_the_page(
    administrator: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "SECONDS", 0.3)
    with smtp_server(Script(pauses={".": 2.0})) as script:
        inbox = inbox_at(script)
        with pytest.raises(Refused):
            try_plus_address(actor=administrator, inbox=inbox)
    assert state(inbox) == Proof.UNTRIED


def test_a_server_that_takes_its_time_for_each_answer_held_the_page(
    administrator: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "SECONDS", 0.6)
    with smtp_server(Script(pauses=dict.fromkeys(("EHLO", "MAIL", "RCPT", "."), 0.5))) as script:
        inbox = inbox_at(script)
        begun = time.monotonic()
        with pytest.raises(Refused) as caught:
            try_plus_address(actor=administrator, inbox=inbox)
    assert time.monotonic() - begun < 4
    assert "127.0.0.1 does not answer" in str(caught.value.reason)
    assert script.connections == 1


def test_a_server_whose_answer_drips_in_held_the_page(
    administrator: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "SECONDS", 0.5)
    with smtp_server(Script(drip=0.1)) as script:
        inbox = inbox_at(script)
        begun = time.monotonic()
        with pytest.raises(Refused) as caught:
            try_plus_address(actor=administrator, inbox=inbox)
    assert time.monotonic() - begun < 4
    assert "127.0.0.1 does not answer" in str(caught.value.reason)


def test_a_restored_copy_sent_a_test_mail_and_forgot_that_plus_addresses_arrive(administrator: Agent) -> None:
    hold("restored from copy.tar")
    with smtp_server(Script()) as script:
        inbox = inbox_at(script)
        proven = {"plus_proven_at": clock.now(), "plus_proven_for": ADDRESS.lower()}
        EmailSettings.objects.filter(inbox=inbox).update(**proven)
        with pytest.raises(Refused):
            try_plus_address(actor=administrator, inbox=inbox)
    assert script.connections == 0
    assert state(inbox) == Proof.PROVEN


def test_an_address_that_is_none_was_refused_in_english(administrator: Agent) -> None:
    with smtp_server(Script()) as script:
        inbox = inbox_at(script)
        Inbox.objects.update(address="help@shop example")
        inbox.refresh_from_db()
        with translation.override("de"), pytest.raises(Refused) as caught:
            try_plus_address(actor=administrator, inbox=inbox)
    assert "ist keine E-Mail-Adresse" in str(caught.value.reason)


def test_nothing_is_tried_where_no_mail_comes_in_or_goes_out(administrator: Agent) -> None:
    inbox = make_inbox(incoming=Incoming.SERVER)
    with pytest.raises(Refused):
        try_plus_address(actor=administrator, inbox=inbox)
