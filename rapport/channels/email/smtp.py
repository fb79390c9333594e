"""Sending through a mail server by SMTP (RFC 5321), with a result for each recipient."""

import base64
import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from rapport.channels.email.connection_words import answered, closed, words_of_connection
from rapport.channels.email.hurried_smtp import Hurried, HurriedTls
from rapport.channels.email.models import EmailSettings, Security
from rapport.channels.email.oauth import SignInRefused, access_token, refused, renewed_token
from rapport.channels.email.sentences import sentence
from rapport.inboxes.contract import RETRY_SETTINGS_SECONDS, RecipientResult, SendError
from rapport.kernel.outbound.smtp_codes import ABOUT_SETTINGS, TOO_LARGE

CONNECT_SECONDS = 30.0
# RFC 5321 4.5.3.2: a server may take its time for a block, and for looking through a mail before it says 250.
BLOCK_SECONDS = 180.0
END_OF_DATA_SECONDS = 600.0
BLOCK = 64 * 1024
IDLE_SECONDS = 20.0

_DOT = re.compile(rb"(?m)^\.")

_idle: dict[tuple[object, ...], list[tuple[float, smtplib.SMTP]]] = {}
_lock = threading.Lock()


class SenderRefused(SendError):
    """The server does not take the sender of the envelope.

    ``for_itself``: it has something against this sender, and is not merely busy (RFC 3463, X.7.1).
    """

    def __init__(self, reason: str, *, permanent: bool, for_itself: bool) -> None:
        super().__init__(reason, permanent=permanent)
        self.for_itself = for_itself


class MailTooLarge(SendError):
    """The server takes no mail of this size, whoever sends it."""


def deliver(
    settings: EmailSettings,
    *,
    sender: str,
    recipients: Sequence[str],
    content: bytes,
    utf8: bool = False,
    until: float | None = None,
) -> tuple[str, list[RecipientResult]]:
    """Hand one mail over; returns the server's last words and a result per recipient.

    With ``until`` the connection is a new one, and all is done at that moment of the monotonic clock.

    Raises:
        SenderRefused: the server does not take ``sender``, or nobody at the moment.
        MailTooLarge: it does not take a mail of this size.
        SendError: it was not taken for anybody, and for a reason that is nobody's in particular. A connection
            that breaks after the data is temporary: the mail may have been taken, so the next try carries the
            same Message-ID.

    """
    client, reused = (connect(settings, until=until), False) if until else _take(settings)
    try:
        try:
            _begin(client, sender, content, utf8=utf8)
        except (smtplib.SMTPServerDisconnected, OSError):
            if not reused:
                raise
            _drop(client)
            client = connect(settings)
            _begin(client, sender, content, utf8=utf8)
        results = [_offer(client, each) for each in recipients]
        said = _data(client, content) if any(each.accepted for each in results) else ""
        if not said:
            client.rset()
    except (smtplib.SMTPException, OSError) as error:
        _drop(client)
        raise SendError(words_of(error, settings.smtp_host), permanent=False) from None
    except BaseException:
        _drop(client)
        raise
    if until:
        _drop(client)
    else:
        _give_back(settings, client)
    return said, results


def connect(
    settings: EmailSettings, *, seconds: float = CONNECT_SECONDS, until: float | None = None
) -> smtplib.SMTP:
    """Open a connection, secured and signed in as the settings say; no answer may take over ``seconds``.

    With ``until`` nothing that is said over it goes on beyond that moment of the monotonic clock.

    Raises:
        SendError: temporary, with the reason in words.

    """
    host, port = settings.smtp_host, settings.smtp_port
    client: smtplib.SMTP | None = None
    try:
        if settings.smtp_security == Security.TLS:
            client = HurriedTls(
                host,
                port,
                until=until,
                timeout=seconds,
                context=ssl.create_default_context(),
                local_hostname=_name(),
            )
        else:
            client = Hurried(host, port, until=until, timeout=seconds, local_hostname=_name())
        if settings.smtp_security == Security.STARTTLS:
            client.starttls(context=ssl.create_default_context())
        _sign_in(client, settings)
    except (smtplib.SMTPException, OSError, SignInRefused) as error:
        if client is not None:
            _drop(client)
        raise SendError(words_of(error, host), permanent=False, retry_after=_retry_after(error)) from None
    return client


def words_of(error: Exception, host: str) -> str:
    """Say in words what a connection error means."""
    if isinstance(error, SignInRefused):
        return error.reason
    if words := words_of_connection(error, host):
        return words
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return sentence("sign_in_refused_saying", host=host, said=said(error.smtp_error))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return sentence("not_offered", host=host, said=str(error).rstrip("."))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return closed(host)
    if isinstance(error, smtplib.SMTPResponseException):
        return answered(host, f"{error.smtp_code} {said(error.smtp_error)}")
    return answered(host, str(error))


def said(reply: bytes | str) -> str:
    """Return a server's reply as one line of at most 400 characters."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:400]


def _sign_in(client: smtplib.SMTP, settings: EmailSettings) -> None:
    if settings.oauth_provider:
        _by_token(client, settings)
    elif settings.smtp_user:
        client.login(settings.smtp_user, settings.smtp_secret)
    else:
        client.ehlo_or_helo_if_needed()


def _by_token(client: smtplib.SMTP, settings: EmailSettings) -> None:
    client.ehlo_or_helo_if_needed()
    code, reply = _offer_token(client, settings, access_token(settings))
    if code == 535:
        code, reply = _offer_token(client, settings, renewed_token(settings))
    if code == 535:
        raise refused(settings, settings.smtp_host, said(reply))
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, reply)


def _offer_token(client: smtplib.SMTP, settings: EmailSettings, token: str) -> tuple[int, bytes]:
    initial = f"user={settings.smtp_user or settings.imap_user}\1auth=Bearer {token}\1\1"
    code, reply = client.docmd("AUTH", "XOAUTH2 " + base64.b64encode(initial.encode()).decode())
    # A server that refuses tells why first, and waits for an empty answer.
    return client.docmd("") if code == 334 else (code, reply)


def _begin(client: smtplib.SMTP, sender: str, content: bytes, *, utf8: bool) -> None:
    options = [f"size={len(content)}"] if client.has_extn("size") else []
    if utf8:
        if not client.has_extn("smtputf8"):
            raise SendError(sentence("letters"), permanent=True)
        options += ["SMTPUTF8", "BODY=8BITMIME"]
        client.command_encoding = "utf-8"
    code, reply = client.mail(sender, options)
    if code == 421:
        raise smtplib.SMTPServerDisconnected(said(reply))
    if code in ABOUT_SETTINGS or code == TOO_LARGE:
        raise _refusal(code, reply)
    if code != 250:
        words = sentence("server_refused", said=f"{code} {said(reply)}")
        lasting = 500 <= code < 600
        raise SenderRefused(words, permanent=lasting, for_itself=lasting or said(reply).startswith("4.7.1"))


def _offer(client: smtplib.SMTP, recipient: str) -> RecipientResult:
    code, reply = client.rcpt(recipient)
    if code == 421:
        raise _refusal(code, reply)
    return RecipientResult(
        address=recipient,
        accepted=code in {250, 251, 252},
        permanent=500 <= code < 600 and code not in ABOUT_SETTINGS,
        detail=f"{code} {said(reply)}",
    )


def _data(client: smtplib.SMTP, content: bytes) -> str:
    code, reply = client.docmd("DATA")
    if code != 354 or client.sock is None:
        raise _refusal(code, reply)
    stuffed = _DOT.sub(b"..", content)
    wire = stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n"
    # One timeout holds for all that is sent at once, however large it is and slow the line.
    client.sock.settimeout(BLOCK_SECONDS)
    for start in range(0, len(wire), BLOCK):
        client.send(wire[start : start + BLOCK])
    client.sock.settimeout(END_OF_DATA_SECONDS)
    code, reply = client.getreply()
    client.sock.settimeout(CONNECT_SECONDS)
    if code != 250:
        raise _refusal(code, reply)
    return said(reply)


def _refusal(code: int, reply: bytes | str) -> SendError:
    about_settings = code in ABOUT_SETTINGS
    words = sentence("server_refused", said=f"{code} {said(reply)}")
    if code == TOO_LARGE:
        return MailTooLarge(words, permanent=True)
    return SendError(
        words,
        permanent=500 <= code < 600 and not about_settings,
        retry_after=RETRY_SETTINGS_SECONDS if about_settings else None,
    )


def _retry_after(error: Exception) -> int | None:
    waits_for_person = isinstance(
        error, smtplib.SMTPAuthenticationError | ssl.SSLError | socket.gaierror | SignInRefused
    )
    return RETRY_SETTINGS_SECONDS if waits_for_person else None


def _name() -> str:
    # The library would look its own name up in the DNS for every connection.
    return socket.gethostname() or "localhost"


def _key(settings: EmailSettings) -> tuple[object, ...]:
    return (
        settings.inbox_id, settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.smtp_user,
        settings.smtp_secret, settings.oauth_provider,
    )  # fmt: skip


def _take(settings: EmailSettings) -> tuple[smtplib.SMTP, bool]:
    with _lock:
        _drop_stale()
        if kept := _idle.get(_key(settings)):
            return kept.pop()[1], True
    return connect(settings), False


def _give_back(settings: EmailSettings, client: smtplib.SMTP) -> None:
    client.command_encoding = "ascii"
    with _lock:
        _drop_stale()
        _idle.setdefault(_key(settings), []).append((time.monotonic(), client))


def _drop_stale() -> None:
    oldest = time.monotonic() - IDLE_SECONDS
    for kept in _idle.values():
        while kept and kept[0][0] <= oldest:
            _drop(kept.pop(0)[1])


def close_idle() -> None:
    """Close the connections kept for reuse."""
    with _lock:
        for kept in _idle.values():
            for _, client in kept:
                _drop(client)
        _idle.clear()


def _drop(client: smtplib.SMTP) -> None:
    with suppress(Exception):
        client.close()
