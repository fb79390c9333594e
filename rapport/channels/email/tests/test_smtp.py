import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rapport.channels.email import smtp
from rapport.channels.email.models import EmailSettings, Outgoing, Security
from rapport.channels.email.send import send
from rapport.channels.email.tests.scripted_smtp import CUT, Script, smtp_server
from rapport.inboxes.contract import RETRY_SETTINGS_SECONDS, Address, OutgoingMessage, SendError

MESSAGE = OutgoingMessage(
    identity="<rapport.one@shop.example>",
    sender=Address("help@shop.example", "Velo Nord"),
    to=(Address("ann@example.org", "Ann"),),
    cc=(Address("bob@example.org"),),
    bcc=(Address("boss@shop.example"),),
    subject="Bell",
    text="It rings.\n.\n..again\n",
)


@pytest.fixture(autouse=True)
def _no_connection_is_left() -> Iterator[None]:
    yield
    smtp.close_idle()


def settings_for(script: Script, **more: object) -> EmailSettings:
    values = {"smtp_security": Security.NONE, "outgoing": Outgoing.SMTP, **more}
    return EmailSettings(inbox_id=1, smtp_host="127.0.0.1", smtp_port=script.port, **values)


def test_every_recipient_gets_one_copy_and_a_result() -> None:
    with smtp_server(Script()) as script:
        receipt = send(MESSAGE, settings_for(script))
    assert [(each.address, each.accepted) for each in receipt.recipients] == [
        ("ann@example.org", True),
        ("bob@example.org", True),
        ("boss@shop.example", True),
    ]
    assert len(script.mails) == 1
    assert b"boss" not in script.mails[0]
    assert b"\r\n.\r\n..again\r\n" in script.mails[0]
    # Python 3.13 writes the command in another case; it means the same.
    assert [each.lower() for each in script.commands].count("rcpt to:<boss@shop.example>") == 1


def test_one_refused_recipient_keeps_nobody_else_from_the_mail() -> None:
    with smtp_server(
        Script({"RCPT TO:<bob": "550 5.1.1 unknown", "RCPT TO:<boss": "451 4.2.0 later"})
    ) as script:
        receipt = send(MESSAGE, settings_for(script))
    found = {each.address: (each.accepted, each.permanent) for each in receipt.recipients}
    assert found == {
        "ann@example.org": (True, False),
        "bob@example.org": (False, True),
        "boss@shop.example": (False, False),
    }
    assert len(script.mails) == 1


def test_a_retry_reaches_only_who_is_missing_and_shows_everybody() -> None:
    with smtp_server(Script()) as script:
        receipt = send(replace(MESSAGE, only=("BOB@example.org",)), settings_for(script))
    assert [each.address for each in receipt.recipients] == ["bob@example.org"]
    assert b"ann@example.org" in script.mails[0]


def test_nothing_is_sent_when_nobody_is_accepted() -> None:
    with smtp_server(Script({"RCPT": "550 no"})) as script:
        receipt = send(MESSAGE, settings_for(script))
    assert not any(each.accepted for each in receipt.recipients)
    assert script.mails == []
    assert "DATA" not in script.commands


def test_what_is_no_address_is_a_refused_recipient_not_an_error() -> None:
    with smtp_server(Script()) as script:
        receipt = send(replace(MESSAGE, to=(Address("no address"), *MESSAGE.to)), settings_for(script))
    refused = [each for each in receipt.recipients if not each.accepted]
    assert [(each.address, each.permanent) for each in refused] == [("no address", True)]
    assert b"no address" not in script.mails[0]


@pytest.mark.parametrize(
    ("replies", "permanent"),
    [
        ({"MAIL": "550 5.7.1 not you"}, True),
        ({"MAIL": "451 4.3.0 busy"}, False),
        ({"MAIL": "530 5.7.0 sign in first"}, False),
        ({"DATA": "554 5.7.1 no"}, True),
        ({".": "554 5.7.1 spam"}, True),
        ({".": "452 4.3.1 full"}, False),
        ({".": CUT}, False),
        ({"RCPT": "421 4.7.0 too much"}, False),
        ({"RCPT": CUT}, False),
        ({"connect": "554 go away"}, False),
    ],
)
def test_a_refusal_is_permanent_or_temporary_by_its_code(replies: dict[str, str], *, permanent: bool) -> None:
    with smtp_server(Script(replies)) as script, pytest.raises(SendError) as caught:
        send(MESSAGE, settings_for(script))
    assert caught.value.permanent is permanent
    assert caught.value.reason


def test_a_wrong_password_waits_for_a_person() -> None:
    script = Script({"AUTH": "535 5.7.8 wrong"}, extensions=("AUTH PLAIN",))
    with smtp_server(script), pytest.raises(SendError) as caught:
        send(MESSAGE, settings_for(script, smtp_user="help", smtp_secret="x"))
    assert not caught.value.permanent
    assert caught.value.retry_after == RETRY_SETTINGS_SECONDS
    assert "password" in caught.value.reason


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as deaf, pytest.raises(SendError) as caught:
        deaf.bind(("127.0.0.1", 0))
        send(MESSAGE, settings_for(Script(port=deaf.getsockname()[1])))
    assert "refuses the connection" in caught.value.reason
    assert not caught.value.permanent


def test_starttls_is_never_skipped() -> None:
    with smtp_server(Script()) as script, pytest.raises(SendError) as caught:
        send(MESSAGE, settings_for(script, smtp_security=Security.STARTTLS))
    assert "security" in caught.value.reason
    assert script.mails == []


def test_a_connection_is_used_again_and_replaced_when_it_has_died() -> None:
    script = Script()
    with smtp_server(script):
        settings = settings_for(script)
        send(MESSAGE, settings)
        send(MESSAGE, settings)
        assert (script.connections, len(script.mails)) == (1, 2)
        script.replies = {"MAIL": CUT}
        with pytest.raises(SendError):
            send(MESSAGE, settings)
        assert script.connections == 2
        script.replies = {}
        send(MESSAGE, settings)
        assert (script.connections, len(script.mails)) == (3, 3)


def test_addresses_beyond_ascii_need_a_server_that_takes_them() -> None:
    eai = replace(MESSAGE, to=(Address("änn@example.org"),), cc=(), bcc=())
    with smtp_server(Script()) as script, pytest.raises(SendError) as caught:
        send(eai, settings_for(script))
    assert caught.value.permanent
    with smtp_server(Script(extensions=("SMTPUTF8", "8BITMIME"))) as script:
        assert send(eai, settings_for(script)).recipients[0].accepted
        assert send(MESSAGE, settings_for(script)).recipients[0].accepted
    assert "änn@example.org".encode() in script.mails[0]


def test_no_way_out_is_said_and_waits() -> None:
    with pytest.raises(SendError) as caught:
        send(MESSAGE, EmailSettings(inbox_id=1))
    assert not caught.value.permanent


def test_a_server_that_looks_through_a_mail_for_long_got_it_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.3)
    with smtp_server(Script(pauses={".": 1.0})) as script:
        receipt = send(MESSAGE, settings_for(script))
    assert all(each.accepted for each in receipt.recipients)
    assert (len(script.mails), script.connections) == (1, 1)


def test_a_large_mail_on_a_slow_line_never_went_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.3)
    large = replace(MESSAGE, text=("." + "x" * 900 + "\n") * 6_000)
    with smtp_server(Script(pauses={"DATA": 1.0})) as script:
        receipt = send(large, settings_for(script))
    assert all(each.accepted for each in receipt.recipients)
    assert len(script.mails) == 1


def test_after_a_slow_reply_the_next_command_waits_no_longer_than_usual(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.3)
    with smtp_server(Script()) as script:
        settings = settings_for(script)
        send(MESSAGE, settings)
        client, reused = smtp._take(settings)
        assert client.sock is not None
        assert (reused, client.sock.gettimeout()) == (True, 0.3)
        client.close()
