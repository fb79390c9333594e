"""A connection to a mailbox by IMAP (RFC 9051), and what its failures mean in words."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError
from imap_tools.utils import check_command_status

from rapport.channels.email.connection_words import answered, closed, words_of_connection
from rapport.channels.email.models import MAILBOX, AfterRead, EmailSettings, Security
from rapport.channels.email.oauth import SignInRefused, access_token, refused, renewed_token
from rapport.channels.email.sentences import sentence
from rapport.inboxes.actions.store_raw import SafeMail, prepare
from rapport.kernel.sentences import Told

CONNECT_SECONDS = 30.0
UIDS_AT_ONCE = 500
_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_INTERNALDATE = re.compile(rb'INTERNALDATE "([^"]+)"')

Failure = (imaplib.IMAP4.error, ImapToolsError, OSError, SignInRefused)
"""What talking to a mailbox may raise."""


class CannotKeep(Told):
    """Our own disk does not take a mail; ``reason`` says so. The mail stays in the mailbox."""


class NotTidied(Told):
    """The mails were read, but the server does not mark or move them; ``reason`` says so."""


class Folder(NamedTuple):
    """What the server says about a folder that was opened."""

    uidvalidity: int
    uidnext: int


class Arrival(NamedTuple):
    """A mail in the mailbox: when the server got it, and its UID."""

    at: datetime
    uid: int


def connect(settings: EmailSettings, *, seconds: float = CONNECT_SECONDS) -> BaseMailBox:
    """Open a connection and sign in; no answer may take over ``seconds``. Raises one of ``Failure``."""
    host, port = settings.imap_host, settings.imap_port
    context = ssl.create_default_context()
    box: BaseMailBox
    if settings.imap_security == Security.TLS:
        box = MailBox(host, port, timeout=seconds, ssl_context=context)
    else:
        box = MailBoxUnencrypted(host, port, timeout=seconds)
    try:
        if settings.imap_security == Security.STARTTLS:
            box.client.starttls(context)
        if settings.oauth_provider:
            _by_token(box, settings)
        elif settings.imap_user.isascii() and settings.imap_secret.isascii():
            box.login(settings.imap_user, settings.imap_secret, initial_folder=None)
        else:
            box.login_utf8(settings.imap_user, settings.imap_secret, initial_folder=None)
    except BaseException:
        close(box)
        raise
    return box


def _by_token(box: BaseMailBox, settings: EmailSettings) -> None:
    token = access_token(settings)
    for again in (True, False):
        try:
            box.xoauth2(settings.imap_user, token, initial_folder=None)
        except (imaplib.IMAP4.error, MailboxLoginError) as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            if not again:
                raise refused(settings, settings.imap_host, str(error)) from None
            token = renewed_token(settings)
        else:
            break


def close(box: BaseMailBox) -> None:
    """End a connection, whatever state it is in."""
    with suppress(Exception):
        box.client.shutdown()


def still_read(settings: EmailSettings) -> bool:
    """Tell whether the inbox still reads this mailbox; it then does until the caller's transaction ends."""
    now = EmailSettings.objects.select_for_update().get(pk=settings.pk)
    return all(getattr(now, name) == getattr(settings, name) for name in MAILBOX)


def open_folder(box: BaseMailBox, name: str, *, readonly: bool = False) -> Folder:
    """Select a folder and return where its UIDs stand. Raises one of ``Failure``."""
    box.folder.set(name, readonly=readonly)
    uidvalidity = _number(box.client.response("UIDVALIDITY")[1])
    uidnext = _number(box.client.response("UIDNEXT")[1])
    if not uidvalidity:
        raise imaplib.IMAP4.error(f"the folder {name} has no UIDVALIDITY")
    if not uidnext:
        uidnext = max(uids_from(box, 1), default=0) + 1
    return Folder(uidvalidity, uidnext)


def uids_from(box: BaseMailBox, first: int) -> list[int]:
    """Return the UIDs from ``first`` on, in order. Raises one of ``Failure``."""
    # A SEARCH would name all in one line, which imaplib gives up on from about 150,000 mails on.
    answer = box.client.uid("FETCH", f"{first}:*", "(UID)")
    check_command_status(answer, ImapFetchError)
    found = [_UID.search(item) for item in answer[1] or [] if isinstance(item, bytes)]
    # "n:*" names the last mail even where its UID is lower, so they are compared again.
    return sorted({uid for each in found if each and (uid := int(each[1])) >= first})


def content(box: BaseMailBox, uid: int) -> tuple[bytes, datetime | None] | None:
    """Return a mail as it stands in the mailbox, unread mails staying unread, and when the server got it.

    None where another client has removed it. Raises one of ``Failure``.
    """
    answer = box.client.uid("FETCH", str(uid), "(UID INTERNALDATE BODY.PEEK[])")
    check_command_status(answer, ImapFetchError)
    for item in answer[1] or []:
        if isinstance(item, tuple) and (found := _UID.search(item[0])) and int(found[1]) == uid:
            return bytes(item[1]), _moment(item[0])
    # Some servers say the UID after the body.
    literals = [item for item in answer[1] or [] if isinstance(item, tuple)]
    return (bytes(literals[0][1]), _moment(literals[0][0])) if literals else None


class ImapFetchError(ImapToolsError):
    """The server refused a FETCH."""

    def __init__(self, command_result: object, expected: object) -> None:
        super().__init__(
            f"the server refused to hand over a mail: {command_result!r} instead of {expected!r}"
        )


def arrivals(box: BaseMailBox, uids: list[int]) -> Iterator[Arrival]:
    """Yield when the server got each mail; removed ones are left out. Raises one of ``Failure``."""
    for start in range(0, len(uids), UIDS_AT_ONCE):
        some = ",".join(str(each) for each in uids[start : start + UIDS_AT_ONCE])
        answer = box.client.uid("FETCH", some, "(UID INTERNALDATE)")
        check_command_status(answer, ImapFetchError)
        for item in answer[1] or []:
            line = item if isinstance(item, bytes) else b"".join(item) if isinstance(item, tuple) else b""
            uid, at = _UID.search(line), _moment(line)
            if uid and at:
                yield Arrival(at, int(uid[1]))


def marks_of(box: BaseMailBox, uid: int) -> str:
    """Return by what a mail is known again without its content: when the server got it, and its size.

    Empty where the server does not say both. Raises one of ``Failure``.
    """
    try:
        answer = box.client.uid("FETCH", str(uid), "(UID INTERNALDATE RFC822.SIZE)")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return ""
    for line in answer[1] or []:
        if isinstance(line, bytes) and (named := _UID.search(line)) and int(named[1]) == uid:
            at, size = _moment(line), _SIZE.search(line)
            return f"{at.isoformat()} {int(size[1])}" if at and size else ""
    return ""


def idle_start(box: BaseMailBox) -> bool:
    """Begin an IDLE; True where the server had news before it agreed. Raises one of ``Failure``."""
    tag = box.client._command("IDLE")
    news = False
    while (answer := box.client._get_response()) is not None:
        if box.client.tagged_commands.get(tag):
            raise imaplib.IMAP4.error(f"the server refuses IDLE: {answer!r}")
        news = True
    box.idle._idle_tag = tag
    return news or _has_buffered(box)


def _has_buffered(box: BaseMailBox) -> bool:
    # News that came in one packet with the agreement are read already, so no poll of the socket sees them.
    sock = box.client.sock
    before = sock.gettimeout()
    sock.settimeout(0)
    try:
        return bool(box.client.file.peek(1))  # type: ignore[union-attr]
    except OSError:
        return False
    finally:
        sock.settimeout(before)


def words_of(error: BaseException, settings: EmailSettings) -> str:
    """Say in words what is wrong with a mailbox."""
    host = settings.imap_host
    if isinstance(error, SignInRefused):
        return error.reason
    if words := words_of_connection(error, host):
        return words
    if isinstance(error, MailboxLoginError) or "AUTHENTICATIONFAILED" in str(error):
        return sentence("sign_in_refused", host=host)
    if isinstance(error, imaplib.IMAP4.abort | ConnectionError):
        return closed(host)
    return answered(host, " ".join(str(error).split())[:300])


def words_of_tidying(error: Exception, settings: EmailSettings, folder: str) -> str:
    """Say that mail is read, but not marked or moved."""
    said = " ".join(str(error).split())[:300]
    if settings.after_read == AfterRead.MOVE:
        return sentence("not_moved", folder=folder, to=settings.move_to, said=said)
    return sentence("not_marked", folder=folder, said=said)


def words_of_surprise(error: Exception) -> str:
    """Say that reading failed in a way that nobody foresaw; the log has the rest."""
    said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return sentence("surprise", said=said)


def safe(settings: EmailSettings, content: bytes) -> SafeMail:
    """Prepare a mail for its row. Raises ``CannotKeep``: an OSError would pass for the mail server's."""
    try:
        return prepare(inbox=settings.inbox, content=content)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise CannotKeep(sentence("own_disk", said=said)) from error


def _number(answer: list[bytes | None] | None) -> int:
    said = (answer or [None])[-1]
    return int(said) if said and said.isdigit() else 0


def _moment(line: bytes) -> datetime | None:
    found = _INTERNALDATE.search(line)
    if not found:
        return None
    try:
        return datetime.strptime(found[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
