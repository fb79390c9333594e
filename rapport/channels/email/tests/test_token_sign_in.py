"""Sign-in with access tokens at real servers, which judge signature and time themselves."""

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from rapport.channels.email import smtp
from rapport.channels.email.check import check
from rapport.channels.email.models import EmailSettings, Incoming, Outgoing, Security
from rapport.channels.email.oauth import SignInRefused
from rapport.channels.email.receive import mailbox
from rapport.channels.email.send import send
from rapport.channels.email.tests.conftest import make_inbox
from rapport.channels.email.tests.service_api import Api, service_api
from rapport.inboxes.contract import Address, OutgoingMessage, SendError
from rapport.kernel import clock
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from tests.servers.process import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
ADDRESS = "help@shop.example"


@pytest.fixture
def provider() -> Iterator[Api]:
    with service_api() as api:
        yield api
    smtp.close_idle()


def gives(provider: Api, token: str) -> None:
    answer = {"access_token": token, "expires_in": 3600, "refresh_token": "r2"}
    provider.answers["/token"] = (200, json.dumps(answer).encode())


def settings_for(
    dovecot: Dovecot, provider: Api, *, token: str, good_for: timedelta, **more: object
) -> EmailSettings:
    values: dict[str, object] = {
        "incoming": Incoming.IMAP,
        "imap_host": dovecot.host,
        "imap_port": dovecot.imap_port,
        "imap_security": Security.NONE,
        "imap_user": ADDRESS,
        "oauth_provider": "microsoft",
        "oauth_client_id": "app",
        "oauth_refresh_token": "r1",
        "oauth_token_url": f"{provider.url}/token",
        "oauth_access_token": token,
        "oauth_expires_at": clock.now() + good_for,
        **more,
    }
    make_inbox(ADDRESS, **values)
    return EmailSettings.objects.select_related("inbox").get()


def opens(settings: EmailSettings) -> bool:
    box = mailbox.connect(settings)
    try:
        return mailbox.open_folder(box, "INBOX").uidvalidity > 0
    finally:
        mailbox.close(box)


def test_a_good_token_opens_the_mailbox_and_asks_nobody(dovecot: Dovecot, provider: Api) -> None:
    settings = settings_for(dovecot, provider, token=dovecot.token(ADDRESS), good_for=timedelta(hours=1))
    assert opens(settings)
    assert provider.asked == []
    wait_until(lambda: "method=XOAUTH2" in dovecot.log, "the sign-in by token")


@pytest.mark.parametrize("good_for", [timedelta(minutes=-1), timedelta(hours=1)])
def test_a_token_that_has_ended_is_renewed_whether_or_not_its_time_is_known(
    good_for: timedelta, dovecot: Dovecot, provider: Api
) -> None:
    ended = dovecot.token(ADDRESS, seconds=-60)
    settings = settings_for(dovecot, provider, token=ended, good_for=good_for)
    gives(provider, dovecot.token(ADDRESS))
    assert opens(settings)
    [asked] = provider.asked
    assert parse_qs(asked.body.decode())["refresh_token"] == ["r1"]
    kept = EmailSettings.objects.get()
    assert (kept.oauth_refresh_token, kept.oauth_access_token == ended) == ("r2", False)
    assert opens(EmailSettings.objects.select_related("inbox").get())
    assert len(provider.asked) == 1


def test_the_token_of_another_account_is_refused_in_words(dovecot: Dovecot, provider: Api) -> None:
    ended = dovecot.token(ADDRESS, seconds=-60)
    settings = settings_for(dovecot, provider, token=ended, good_for=timedelta(hours=1))
    gives(provider, ended)
    with pytest.raises(SignInRefused) as caught:
        mailbox.connect(settings)
    assert caught.value.final
    assert "account of this mailbox" in str(caught.value)
    [problem] = check(settings, ADDRESS)
    assert "account of this mailbox" in problem.words


def test_mail_goes_out_with_a_token_that_is_renewed(
    dovecot: Dovecot, postfix_that_asks_dovecot: Postfix, provider: Api
) -> None:
    settings = settings_for(
        dovecot,
        provider,
        token=dovecot.token(ADDRESS, seconds=-60),
        good_for=timedelta(hours=1),
        outgoing=Outgoing.SMTP,
        smtp_host=postfix_that_asks_dovecot.host,
        smtp_port=postfix_that_asks_dovecot.port,
        smtp_security=Security.NONE,
    )
    letter = OutgoingMessage(
        identity="<one@shop.example>", sender=Address(ADDRESS), to=(Address("ann@example.org"),), text="Hello"
    )
    gives(provider, dovecot.token(ADDRESS, seconds=-5))
    with pytest.raises(SendError) as caught:
        send(letter, settings)
    assert (caught.value.permanent, "account of this mailbox" in caught.value.reason) == (False, True)
    gives(provider, dovecot.token(ADDRESS))
    [result] = send(letter, settings).recipients
    assert result.accepted
    postfix_that_asks_dovecot.drain()
    assert len(dovecot.messages("ann@example.org")) == 1


def test_without_a_token_that_server_takes_nothing(
    dovecot: Dovecot, postfix_that_asks_dovecot: Postfix
) -> None:
    inbox = make_inbox(
        ADDRESS,
        outgoing=Outgoing.SMTP,
        smtp_host=postfix_that_asks_dovecot.host,
        smtp_port=postfix_that_asks_dovecot.port,
        smtp_security=Security.NONE,
    )
    [problem] = check(EmailSettings.objects.get(inbox=inbox), ADDRESS)
    assert "refuses to send" in problem.words
    smtp.close_idle()
