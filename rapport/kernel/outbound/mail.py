"""System mail: a row in the transaction that asks for it, sent after the commit by SMTP from the settings."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage as MimeMessage
from email.utils import format_datetime, make_msgid, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from rapport.kernel import clock
from rapport.kernel.jobs import leases
from rapport.kernel.jobs.queues import Queue, wake
from rapport.kernel.outbound.models import SystemMail
from rapport.kernel.outbound.sentences import sentence
from rapport.kernel.outbound.smtp_codes import ABOUT_SETTINGS, TOO_LARGE
from rapport.kernel.outbound.smtp_url import SmtpServer, parse

QUEUE = "system_mail"
TIMEOUT_SECONDS = 30
UNSET_PAUSE = timedelta(minutes=5)
PERMANENT = 500
OF_THE_SETTINGS = (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused)


def can_send() -> bool:
    """Tell whether system mail leaves at all; without a mail server in the settings it waits."""
    return bool(settings.ENVIRONMENT.smtp_url)


def send_system_mail(to: str, subject: str, text: str, html: str | None = None) -> SystemMail:
    """Write one mail to one address into the present transaction; the worker sends it after the commit."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mail = SystemMail.objects.create(
        to=to,
        subject=" ".join(subject.split())[:500],
        text=text,
        html=html or "",
        message_id=make_msgid("system", sender.rpartition("@")[2] or "localhost"),
    )
    wake(QUEUE)
    return mail


class SystemMailBackend(BaseEmailBackend):
    """What Django and its apps send as mail becomes system mail; nothing is sent inside a request."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write one row per recipient; return how many messages were taken."""
        for message in email_messages:
            html = None
            if isinstance(message, EmailMultiAlternatives):
                html = next((str(body) for body, kind in message.alternatives if kind == "text/html"), None)
            for recipient in message.recipients():
                send_system_mail(recipient, str(message.subject), str(message.body), html)
        return len(email_messages)


def deliver(row: SystemMail) -> None:
    """Send one claimed row.

    What the server refuses for good is a dead letter. What is a matter of the settings (a wrong password, a
    sender that is not ours) waits until they are mended, and everything else is tried again as often as any
    work of a queue.
    """
    url = settings.ENVIRONMENT.smtp_url
    if not url:
        raise _wait_for_settings(row, sentence("no_mail_server"))
    message = compose(row)
    try:
        with _connected(parse(url)) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, reason = next(iter(refused.recipients.values()))
        raise _judge(row, code, reason) from None
    except OF_THE_SETTINGS as refused:
        if refused.smtp_code < PERMANENT or refused.smtp_code == TOO_LARGE:
            raise _judge(row, refused.smtp_code, refused.smtp_error) from None
        raise _wait_for_settings(row, _said(refused.smtp_code, refused.smtp_error)) from None
    except smtplib.SMTPResponseException as refused:
        raise _judge(row, refused.smtp_code, refused.smtp_error) from None
    except (OSError, smtplib.SMTPException) as error:
        raise leases.TryLater(sentence("mail_server_away", error=str(error))) from None
    # The words go with the sending: a reset link must not lie in the database for ever.
    SystemMail.objects.filter(pk=row.pk).update(sent_at=clock.now(), text="", html="")


def compose(row: SystemMail) -> MimeMessage:
    """Return the mail of a row. Marked as automatic, so that no vacation notice answers it (RFC 3834)."""
    message = MimeMessage()
    name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message["From"] = Address(name, addr_spec=sender)
    message["To"] = Address(addr_spec=row.to)
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = row.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(row.text)
    if row.html:
        message.add_alternative(row.html, subtype="html")
    return message


def connect(server: SmtpServer) -> smtplib.SMTP:
    """Return a connection that is ready to send; raises ``OSError`` and ``smtplib.SMTPException``."""
    context = ssl.create_default_context()
    connection: smtplib.SMTP
    if server.implicit_tls:
        connection = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if server.starttls:
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _connected(server: SmtpServer) -> Iterator[smtplib.SMTP]:
    try:
        connection = connect(server)
    except smtplib.SMTPAuthenticationError:
        raise
    except smtplib.SMTPResponseException as refused:
        # Before a mail is named nothing is said about it, whatever the code.
        raise leases.TryLater(_said(refused.smtp_code, refused.smtp_error)) from None
    try:
        yield connection
        # The mail is taken by now: an odd farewell must not have it sent again.
        with suppress(OSError, smtplib.SMTPException):
            connection.quit()
    finally:
        connection.close()


def _judge(row: SystemMail, code: int, reason: bytes | str) -> Exception:
    said = _said(code, reason)
    if code in ABOUT_SETTINGS:
        return _wait_for_settings(row, said)
    return leases.GiveUp(said) if code >= PERMANENT else leases.TryLater(said)


def _said(code: int, reason: bytes | str) -> str:
    words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    return sentence("mail_refused", status=code, words=words)


def _wait_for_settings(row: SystemMail, said: str) -> leases.TryLater:
    # Waiting for a setting is no failed try: it must not use up the row's attempts.
    SystemMail.objects.filter(pk=row.pk, worker=row.worker).update(attempts=0)
    return leases.TryLater(said, after=UNSET_PAUSE)


SYSTEM_MAIL = Queue(
    name=QUEUE, model=SystemMail, handler=deliver, concurrency=1, batch=5, outward=True, max_attempts=30
)
