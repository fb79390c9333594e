"""“Test connection”: tries the settings of an inbox for real and says in words what is wrong."""

import smtplib

from django.utils.translation import gettext as _
from imap_tools import BaseMailBox
from imap_tools.errors import MailboxLoginError

from rapport.channels.email import errands, providers, smtp
from rapport.channels.email.models import AfterRead, EmailSettings, Incoming, Outgoing
from rapport.channels.email.receive import mailbox
from rapport.channels.email.receive.services import SERVICES
from rapport.inboxes.contract import Problem, SendError
from rapport.kernel.sentences import say

TEST_SECONDS = 10.0
"""Somebody waits for the result; a server that is slower at times is still given longer in earnest."""


def check(settings: EmailSettings, address: str) -> list[Problem]:
    """Return what is wrong; empty where nothing was found, or there is nothing to try."""
    return [*check_incoming(settings), *check_outgoing(settings, address)]


def tested(settings: EmailSettings) -> list[str]:
    """Return in words what a ``check`` without problems has shown of either way, and what it cannot show."""
    words_in = {
        Incoming.NONE: _("No mail comes in, as this is set."),
        Incoming.IMAP: _("Mail can come in: the mailbox opens."),
        Incoming.SERVER: _("Mail comes in when your mail server hands it over; only a mail can show that."),
        Incoming.WEBHOOK: _("Mail comes in when the mail service calls; only a mail can show that."),
    }
    words_out = {
        Outgoing.NONE: _("No mail goes out, as this is set."),
        Outgoing.SMTP: _("Mail can go out: the mail server accepts the address."),
        Outgoing.PROVIDER: _("Mail goes out through the mail service; only a mail sent can show that."),
    }
    return [words_in[Incoming(settings.incoming)], words_out[Outgoing(settings.outgoing)]]


def check_incoming(settings: EmailSettings) -> list[Problem]:
    """Sign in to the mailbox and open every folder that is named."""
    if settings.incoming == Incoming.WEBHOOK and not (settings.webhook_provider and settings.webhook_secret):
        return [
            Problem(setting="webhook_secret", words=_("Choose the mail service and enter its signing key."))
        ]
    if settings.incoming == Incoming.WEBHOOK and _key_is_missing(settings):
        return [
            Problem(
                setting="webhook_api_key",
                words=_(
                    "Enter the API key: the calls of this service only name the mail, which is then fetched."
                ),
            )
        ]
    if settings.incoming != Incoming.IMAP:
        return []
    try:
        box = mailbox.connect(settings, seconds=TEST_SECONDS)
    except mailbox.Failure as error:
        return [Problem(setting=_incoming_setting(error), words=say(mailbox.words_of(error, settings)))]
    try:
        return [problem for each in _folders(settings) if (problem := _missing(box, *each))]
    except mailbox.Failure as error:
        return [Problem(setting="imap_host", words=say(mailbox.words_of(error, settings)))]
    finally:
        mailbox.close(box)


def check_outgoing(settings: EmailSettings, address: str) -> list[Problem]:
    """Sign in to the mail server and ask whether it would send for the address; sends nothing."""
    if settings.outgoing == Outgoing.PROVIDER:
        try:
            providers.backend(settings)
        except SendError as error:
            return [Problem(setting="provider", words=say(error.reason))]
        return []
    if settings.outgoing != Outgoing.SMTP:
        return []
    try:
        client = smtp.connect(settings, seconds=TEST_SECONDS)
    except SendError as error:
        return [Problem(setting="smtp_host", words=say(error.reason))]
    try:
        for command in (client.mail, client.rcpt):
            code, reply = command(address)
            if code >= 400:
                words = _("{host} refuses to send from {address}: {reply}").format(
                    host=settings.smtp_host, address=address, reply=f"{code} {smtp.said(reply)}"
                )
                return [Problem(setting="smtp_user", words=words)]
        client.rset()
    except (smtplib.SMTPException, OSError) as error:
        return [Problem(setting="smtp_host", words=say(smtp.words_of(error, settings.smtp_host)))]
    finally:
        client.close()
    return []


def _key_is_missing(settings: EmailSettings) -> bool:
    service = SERVICES.get(settings.webhook_provider)
    return bool(service and service.key and not errands.key_of(settings, settings.webhook_provider))


def _folders(settings: EmailSettings) -> list[tuple[str, str]]:
    named = [("imap_folders", each) for each in settings.imap_folders]
    if settings.sent_folder:
        named.append(("sent_folder", settings.sent_folder))
    if settings.after_read == AfterRead.MOVE:
        named.append(("move_to", settings.move_to))
    return named


def _missing(box: BaseMailBox, setting: str, name: str) -> Problem | None:
    if name and box.folder.exists(name):
        return None
    folders = ", ".join(sorted(each.name for each in box.folder.list())[:20])
    words = _("There is no folder called “{name}” in the mailbox. It has: {folders}.")
    return Problem(setting=setting, words=words.format(name=name, folders=folders))


def _incoming_setting(error: Exception) -> str:
    return "imap_secret" if isinstance(error, MailboxLoginError) else "imap_host"
