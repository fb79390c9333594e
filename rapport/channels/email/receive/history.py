"""Taking over the mail that stood in a mailbox before it was connected: oldest first, with the Sent folder.

The rows have origin ``import``: they arrive solved, notify nobody and send nothing. Sent mail has the source
``sent``, so that our old answers stand as ours.
"""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, connection, transaction
from imap_tools import BaseMailBox

from rapport.channels.email.models import EmailSettings, HistoryImport, ImportState, MailboxCursor
from rapport.channels.email.receive import mailbox, withheld
from rapport.inboxes.actions.store_raw import insert
from rapport.kernel import clock
from rapport.kernel.sentences import kept

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 30.0


class OldMail(NamedTuple):
    """Where an old mail stands; places sort by arrival."""

    at: float
    folder: str
    uid: int


def running() -> Iterator[tuple[EmailSettings, int]]:
    """Yield the settings and the import of every inbox that takes over old mail now."""
    rows = HistoryImport.objects.filter(state=ImportState.RUNNING, inbox__active=True)
    imports = dict(rows.values_list("inbox_id", "pk"))
    for settings in EmailSettings.objects.select_related("inbox").filter(inbox__in=imports):
        yield settings, imports[settings.inbox_id]


def take_over(settings: EmailSettings, import_id: int, stop: threading.Event) -> None:
    """Go on with an import until it is done, paused or stopped; failures are told on it and tried again."""
    while not stop.is_set():
        try:
            _go_on(settings, import_id, stop)
            break
        except mailbox.Failure as error:
            words = mailbox.words_of(error, settings)
            HistoryImport.objects.filter(pk=import_id).update(trouble=kept(words, 500))
            stop.wait(PAUSE_SECONDS)
        except (DatabaseError, InterfaceError):
            logger.exception("old mail of inbox %s cannot be stored; trying again", settings.inbox_id)
            connection.close()
            stop.wait(PAUSE_SECONDS)
        except Exception as error:
            logger.exception("old mail of inbox %s cannot be read", settings.inbox_id)
            words = (
                error.reason if isinstance(error, mailbox.CannotKeep) else mailbox.words_of_surprise(error)
            )
            HistoryImport.objects.filter(pk=import_id).update(trouble=kept(words, 500))
            stop.wait(PAUSE_SECONDS)
    connection.close()


def _go_on(settings: EmailSettings, import_id: int, stop: threading.Event) -> None:
    """Store old mails until none is left, or the import is not to go on."""
    row = HistoryImport.objects.get(pk=import_id)
    box = mailbox.connect(settings)
    try:
        places = _places(box, settings, row)
        done_before = OldMail(*row.position) if row.position else None  # type: ignore[arg-type]
        left = [each for each in places if done_before is None or each > done_before]
        HistoryImport.objects.filter(pk=import_id).update(
            total=len(places), done=len(places) - len(left), trouble=""
        )
        opened, uidvalidity = "", 0
        for number, place in enumerate(left, start=len(places) - len(left) + 1):
            if (
                stop.is_set()
                or not HistoryImport.objects.filter(pk=import_id, state=ImportState.RUNNING).exists()
            ):
                return
            if place.folder != opened:
                uidvalidity = mailbox.open_folder(box, place.folder, readonly=True).uidvalidity
                opened = place.folder
            if not _take(box, settings, import_id, place, number, uidvalidity):
                return
        _end(settings, import_id)
    finally:
        mailbox.close(box)


def _take(
    box: BaseMailBox,
    settings: EmailSettings,
    import_id: int,
    place: OldMail,
    number: int,
    uidvalidity: int,
) -> bool:
    """Store one old mail and note how far the import is; False where it goes on no more.

    Meanwhile it may have been paused or taken back, or the inbox connected with another mailbox.
    """
    source = "sent" if place.folder == settings.sent_folder else "imap"
    spot = withheld.Spot(settings.imap_host, settings.imap_user, place.folder, uidvalidity, place.uid, source)
    found = withheld.ask_for(box, settings.inbox_id, spot)
    received_at = datetime.fromtimestamp(place.at, UTC)
    old = found if found is not None and not isinstance(found, withheld.Withheld) else None
    prepared = mailbox.safe(settings, old[0]) if old is not None else None
    with transaction.atomic():
        # Another mailbox begins at its oldest mail; a place in this one would skip some there.
        if not mailbox.still_read(settings):
            return False
        running = HistoryImport.objects.filter(pk=import_id, state=ImportState.RUNNING)
        if not running.update(position=list(place), done=number):
            return False
        if isinstance(found, withheld.Withheld):
            withheld.insert_withheld(found, settings=settings, origin="import", received_at=received_at)
        elif prepared is not None:
            insert(
                prepared,
                inbox=settings.inbox,
                source=source,
                envelope_to=settings.inbox.address,
                origin="import",
                received_at=received_at,
            )
    return True


def _end(settings: EmailSettings, import_id: int) -> None:
    with transaction.atomic():
        if mailbox.still_read(settings):
            HistoryImport.objects.filter(pk=import_id, state=ImportState.RUNNING).update(
                state=ImportState.DONE, finished_at=clock.now()
            )


def _places(box: BaseMailBox, settings: EmailSettings, row: HistoryImport) -> list[OldMail]:
    places = []
    for folder in _folders(box, settings):
        uidvalidity = mailbox.open_folder(box, folder, readonly=True).uidvalidity
        cursor = MailboxCursor.objects.filter(
            inbox=settings.inbox, folder=folder, uidvalidity=uidvalidity, connected_uid__gt=0
        ).first()
        for arrival in mailbox.arrivals(box, mailbox.uids_from(box, 1)):
            # Where the folder is watched its UIDs part old from new; elsewhere the time of arrival must do.
            old = arrival.uid <= cursor.connected_uid if cursor else arrival.at < row.until
            if old and (row.since is None or arrival.at >= row.since):
                places.append(OldMail(arrival.at.timestamp(), folder, arrival.uid))
    return sorted(places)


def _folders(box: BaseMailBox, settings: EmailSettings) -> list[str]:
    """Return the folders of the inbox, those below them, and the Sent folder."""
    chosen = []
    for each in box.folder.list():
        if r"\Noselect" in each.flags or r"\NonExistent" in each.flags:
            continue
        below = any(each.name.startswith(f"{name}{each.delim}") for name in settings.imap_folders)
        if below or each.name in settings.imap_folders or each.name == settings.sent_folder:
            chosen.append(each.name)
    return chosen
