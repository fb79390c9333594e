"""Reading one folder of a mailbox from where it was left, without a gap and without a mail twice."""

import imaplib
from collections.abc import Callable

from django.db import transaction
from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError
from imap_tools.utils import check_command_status

from rapport.channels.email.actions.begin_import import SKEW, begin_import
from rapport.channels.email.models import (
    AfterRead,
    EmailSettings,
    History,
    HistoryImport,
    MailboxCursor,
)
from rapport.channels.email.receive import mailbox, withheld
from rapport.inboxes.actions.store_raw import insert
from rapport.kernel import clock


def read_folder(
    box: BaseMailBox, settings: EmailSettings, folder: str, *, stopped: Callable[[], bool]
) -> int:
    """Store every mail that is new in the folder; returns how many were looked at.

    The cursor moves in the transaction that stores the mail, marks and moves follow the commit. Raises one of
    ``mailbox.Failure``; ``mailbox.CannotKeep``; and ``mailbox.NotTidied`` after all new mail was stored.
    """
    state = mailbox.open_folder(box, folder, readonly=settings.after_read == AfterRead.LEAVE)
    cursor = _cursor(settings, folder, state)
    if cursor is None:
        return 0
    left = range(cursor.tidied_uid + 1, cursor.last_uid + 1)
    refusal: Exception | None = None
    uids = mailbox.uids_from(box, cursor.last_uid + 1)
    wanted = _wanted(box, cursor, uids)
    looked_at = 0
    for uid in uids:
        if stopped():
            break
        looked_at += 1
        if uid in wanted and _store(box, settings, cursor, uid) and refusal is None:
            refusal = _refusal(box, settings, [uid])
    if uids and not stopped():
        _advance(cursor, uids[-1])
    if refusal is None:
        refusal = _tidy_what_is_left(box, settings, left)
    if refusal is not None:
        raise mailbox.NotTidied(mailbox.words_of_tidying(refusal, settings, folder)) from refusal
    _remember_tidied(cursor)
    return looked_at


def _cursor(settings: EmailSettings, folder: str, state: mailbox.Folder) -> MailboxCursor | None:
    """Return how far the folder is read; None where the inbox has been connected to another mailbox."""
    cursor = MailboxCursor.objects.filter(inbox=settings.inbox, folder=folder).first()
    if cursor is not None and cursor.uidvalidity == state.uidvalidity:
        return cursor
    with transaction.atomic():
        # A reader of the former mailbox may still be at work; its numbers must not become the new one's.
        if not mailbox.still_read(settings):
            return None
        if cursor is None:
            return _first_look(settings, folder, state)
        # The server counts anew, so no UID means anything any more (RFC 9051 §2.3.1.1).
        cursor.uidvalidity = state.uidvalidity
        cursor.last_uid = cursor.connected_uid = 0
        cursor.rescan_until = cursor.tidied_uid = state.uidnext - 1
        cursor.save()
    return cursor


def _first_look(settings: EmailSettings, folder: str, state: mailbox.Folder) -> MailboxCursor:
    now = clock.now()
    last = state.uidnext - 1
    if (
        settings.history != History.FROM_NOW
        and not HistoryImport.objects.filter(inbox=settings.inbox).exists()
    ):
        begin_import(settings=settings, until=now)
    return MailboxCursor.objects.create(
        inbox=settings.inbox,
        folder=folder,
        uidvalidity=state.uidvalidity,
        last_uid=last,
        tidied_uid=last,
        connected_uid=last,
        since=now - SKEW,
    )


def _wanted(box: BaseMailBox, cursor: MailboxCursor, uids: list[int]) -> set[int]:
    again = [each for each in uids if each <= cursor.rescan_until]
    recent = {each.uid for each in mailbox.arrivals(box, again) if each.at >= cursor.since}
    return recent | {each for each in uids if each > cursor.rescan_until}


def _store(box: BaseMailBox, settings: EmailSettings, cursor: MailboxCursor, uid: int) -> bool:
    spot = withheld.Spot(settings.imap_host, settings.imap_user, cursor.folder, cursor.uidvalidity, uid)
    found = withheld.ask_for(box, settings.inbox_id, spot)
    if found is None:
        return False
    if isinstance(found, withheld.Withheld):
        with transaction.atomic():
            withheld.insert_withheld(found, settings=settings)
            _advance(cursor, uid)
        return False
    prepared = mailbox.safe(settings, found[0])
    with transaction.atomic():
        insert(prepared, inbox=settings.inbox, source="imap", envelope_to=settings.inbox.address)
        _advance(cursor, uid)
    return True


def _advance(cursor: MailboxCursor, uid: int) -> None:
    rows = MailboxCursor.objects.filter(pk=cursor.pk, uidvalidity=cursor.uidvalidity, last_uid__lt=uid)
    rows.update(last_uid=uid)
    cursor.last_uid = max(cursor.last_uid, uid)


def _refusal(box: BaseMailBox, settings: EmailSettings, uids: list[int]) -> Exception | None:
    """Mark or move mails; return why the server does not, where it goes on talking to us."""
    try:
        for uid in uids:
            _tidy(box, settings, uid)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        return error
    return None


def _tidy(box: BaseMailBox, settings: EmailSettings, uid: int) -> None:
    if settings.after_read == AfterRead.SEEN:
        answer = box.client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
        check_command_status(answer, mailbox.ImapFetchError)
    elif settings.after_read == AfterRead.MOVE:
        box.move(str(uid), settings.move_to)


def _tidy_what_is_left(box: BaseMailBox, settings: EmailSettings, left: range) -> Exception | None:
    """Make up for what a crash or a refusal of the server left."""
    if settings.after_read == AfterRead.LEAVE or not left:
        return None
    return _refusal(box, settings, [uid for uid in mailbox.uids_from(box, left.start) if uid in left])


def _remember_tidied(cursor: MailboxCursor) -> None:
    tidied = max(cursor.tidied_uid, cursor.last_uid)
    if tidied != cursor.tidied_uid:
        rows = MailboxCursor.objects.filter(pk=cursor.pk, uidvalidity=cursor.uidvalidity)
        rows.update(tidied_uid=tidied)
        cursor.tidied_uid = tidied
