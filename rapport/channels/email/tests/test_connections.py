"""Sending by a real Postfix, and what the test of a connection says of real servers."""

import email

import pytest

from rapport.channels.email import smtp
from rapport.channels.email.check import check
from rapport.channels.email.models import (
    EmailSettings,
    Outgoing,
    Security,
)
from rapport.channels.email.send import send
from rapport.channels.email.tests.mailboxes import (
    ADDRESS,
    settings_for,
)
from rapport.inboxes.contract import Address, OutgoingMessage
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def test_an_answer_goes_through_postfix_into_a_mailbox(dovecot: Dovecot, postfix_to_dovecot: Postfix) -> None:
    settings = settings_for(
        dovecot,
        outgoing=Outgoing.SMTP,
        smtp_host=postfix_to_dovecot.host,
        smtp_port=postfix_to_dovecot.port,
        smtp_security=Security.NONE,
    )
    identity = f"<rapport.{'a' * 20}.{'b' * 13}@shop.example>"
    receipt = send(
        OutgoingMessage(
            identity=identity,
            sender=Address(ADDRESS, "Vélo Nord"),
            to=(Address("ann@example.org", "Ann Öst"),),
            subject="Ihr Fahrrad 🚲",
            text="Grüße\n",
            html="<p>Grüße</p>",
            references=("<1@example.org>",),
        ),
        settings,
    )
    smtp.close_idle()
    assert receipt.recipients[0].accepted
    postfix_to_dovecot.drain()
    [arrived] = dovecot.messages("ann@example.org")
    found = email.message_from_bytes(arrived, policy=email.policy.default)
    assert (found["Message-ID"], found["Subject"], found["References"]) == (
        identity,
        "Ihr Fahrrad 🚲",
        "<1@example.org>",
    )
    assert check(settings, ADDRESS) == []


def test_what_is_wrong_is_said_in_words(dovecot: Dovecot) -> None:
    def problems(**changed: object) -> list[tuple[str, str]]:
        settings = EmailSettings.objects.get()
        for name, value in changed.items():
            setattr(settings, name, value)
        return [(each.setting, each.words) for each in check(settings, ADDRESS)]

    settings_for(dovecot)
    assert problems() == []
    [(setting, words)] = problems(imap_secret="wrong")
    assert (setting, "password" in words) == ("imap_secret", True)
    [(setting, words)] = problems(imap_folders=["INBOX", "Bestellungen"])
    assert (setting, "Bestellungen" in words, "Junk" in words) == ("imap_folders", True, True)
    assert "no server called" in problems(imap_host="no-such-host.invalid")[0][1]
    assert "refuses the connection" in problems(imap_port=1)[0][1]
    assert "TLS" in problems(imap_security=Security.TLS)[0][1]
    assert problems(imap_security=Security.STARTTLS)
    assert (
        "refuses the connection"
        in problems(outgoing=Outgoing.SMTP, smtp_host="127.0.0.1", smtp_port=1, smtp_security=Security.NONE)[
            0
        ][1]
    )
