"""Mails that the mail server has, but does not hand over: each becomes a row that a person sees and retries.

Exchange answers NO for an item that it cannot convert. Asked for it for ever, a mailbox would stand still.
"""

import hashlib
import imaplib
import json
from collections import Counter
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError
from imap_tools.utils import check_command_status

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.receive import mailbox
from rapport.channels.email.receive.fetch_job import ask, fetch_job
from rapport.channels.email.sentences import sentence
from rapport.channels.ingest.content import content_of
from rapport.channels.ingest.trays import trays_moved
from rapport.inboxes.actions.store_raw import SafeMail, insert
from rapport.inboxes.contract import InboundSignal
from rapport.inboxes.models import WITHHELD, Outcome, RawInbound
from rapport.kernel.jobs.models import State
from rapport.kernel.sentences import Told, kept

KIND: Final = "withheld"
JOB: Final = "email.withheld"
ROUNDS: Final = 3
"""So many connections must have failed at it before a mail is passed over."""
LONGEST: Final = 500

_refused: Counter[tuple[int, "Spot"]] = Counter()


class Spot(NamedTuple):
    """Where a mail stands, and what taking it in from there makes of it."""

    host: str
    user: str
    folder: str
    uidvalidity: int
    uid: int
    source: str = "imap"


class Withheld(NamedTuple):
    """A mail that was passed over, with the server's words, and by what it is known again (``marks_of``)."""

    spot: Spot
    said: str
    marks: str = ""


class OtherMailbox(Told):
    """The mail stands in a mailbox that the inbox no longer reads; ``reason`` says in which."""


def ask_for(box: BaseMailBox, inbox_id: int, spot: Spot) -> tuple[bytes, datetime | None] | Withheld | None:
    """Return a mail like ``mailbox.content``, or what the server said that has refused it in every round.

    Raises one of ``mailbox.Failure``, also for a refusal before the last round.
    """
    found: tuple[bytes, datetime | None] | Withheld | None
    try:
        found = mailbox.content(box, spot.uid)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        # A server that answers nothing else either has another trouble than this mail.
        check_command_status(box.client.noop(), mailbox.ImapFetchError)
        _refused[inbox_id, spot] += 1
        if _refused[inbox_id, spot] < ROUNDS:
            raise
        found = Withheld(spot, " ".join(str(error).split())[:300], _marks_of(box, spot.uid))
    _refused.pop((inbox_id, spot), None)
    return found


def _marks_of(box: BaseMailBox, uid: int) -> str:
    """Return the marks of a mail that is passed over; none where the server hangs up on this question too."""
    try:
        return mailbox.marks_of(box, uid)
    except mailbox.Failure:
        return ""


def insert_withheld(
    found: Withheld, *, settings: EmailSettings, origin: str = "live", received_at: datetime | None = None
) -> None:
    """Write the row of a mail that was passed over, inside the caller's transaction."""
    told = json.dumps({**found.spot._asdict(), "said": found.said, "marks": found.marks}).encode()
    key = _key(settings, found)
    row = insert(
        SafeMail(told, key, None, known=RawInbound.objects.filter(unique_key=key).exists()),
        inbox=settings.inbox,
        source=WITHHELD,
        envelope_to=settings.inbox.address,
        origin=origin,
        received_at=received_at,
    )
    _refuse(row, found, waiting=Outcome.WAITING)


def _key(settings: EmailSettings, found: Withheld) -> str:
    """Return the key of the row: one mail has one, whatever its mailbox is called meanwhile."""
    spot = found.spot
    which = found.marks or "\0".join(_name(spot.host, spot.user))
    told = f"withheld\0{settings.inbox_id}\0{spot.folder}\0{spot.uidvalidity}\0{spot.uid}\0{which}"
    return hashlib.sha256(told.encode()).hexdigest()


def _name(host: str, user: str) -> tuple[str, str]:
    return host.casefold(), user.casefold()


def _refuse(raw: RawInbound, found: Withheld, *, waiting: Outcome) -> None:
    reason = sentence("withheld", folder=found.spot.folder, uid=found.spot.uid, said=found.said)
    rows = RawInbound.objects.filter(pk=raw.pk, outcome=waiting)
    if rows.update(state=State.DONE, outcome=Outcome.REFUSED, reason=kept(reason, LONGEST)):
        trays_moved(raw.inbox)


def asked_again() -> InboundSignal:
    """Return what reading such a row once more asks for. Pure."""
    return InboundSignal(kind=KIND, reason=sentence("asked_again"))


def take(signal: InboundSignal, raw: RawInbound) -> bool:
    """Let the worker ask the mail server again; True where the signal is about that."""
    if signal.kind != KIND:
        return False
    ask(JOB, raw.pk)
    return True


@fetch_job(JOB)
def fetch_again(*, raw_id: int) -> None:
    """Ask for the mail of a row once more; it comes in like any other, or the row says why not."""
    raw = RawInbound.objects.select_related("inbox", "file").get(pk=raw_id)
    settings = EmailSettings.objects.select_related("inbox").get(inbox=raw.inbox)
    known = _known(raw, settings)
    try:
        content = _fetched(settings, known)
        prepared = mailbox.safe(settings, content) if content is not None else None
    except (*mailbox.Failure, Told) as error:
        words = error.reason if isinstance(error, Told) else mailbox.words_of(error, settings)
        with transaction.atomic():
            _refuse(raw, known._replace(said=words), waiting=Outcome.NOTED)
        return
    with transaction.atomic():
        if prepared is not None:
            insert(
                prepared,
                inbox=raw.inbox,
                source=known.spot.source,
                envelope_to=raw.envelope_to,
                origin=raw.origin,
                received_at=raw.received_at,
            )
        reason = sentence("handed_over" if prepared is not None else "no_longer_there")
        RawInbound.objects.filter(pk=raw_id).update(reason=kept(reason, LONGEST))


def _known(raw: RawInbound, settings: EmailSettings) -> Withheld:
    """Return what a row says of its mail; a row of former times names no mailbox, so the present one."""
    told = json.loads(content_of(raw))
    said, marks = told.pop("said"), told.pop("marks", "")
    return Withheld(Spot(**{"host": settings.imap_host, "user": settings.imap_user, **told}), said, marks)


def _fetched(settings: EmailSettings, known: Withheld) -> bytes | None:
    """Return the mail, None where it is gone.

    Raises:
        OtherMailbox: the same numbers would name another mail in the mailbox that the inbox reads now.

    """
    spot = known.spot
    renamed = _name(spot.host, spot.user) != _name(settings.imap_host, settings.imap_user)
    if renamed and not known.marks:
        raise _other(spot)
    box = mailbox.connect(settings)
    try:
        counts_alike = mailbox.open_folder(box, spot.folder, readonly=True).uidvalidity == spot.uidvalidity
        if renamed and not (counts_alike and mailbox.marks_of(box, spot.uid) == known.marks):
            raise _other(spot)
        found = mailbox.content(box, spot.uid) if counts_alike else None
        return found[0] if found else None
    finally:
        mailbox.close(box)


def _other(spot: Spot) -> OtherMailbox:
    return OtherMailbox(sentence("other_mailbox", user=spot.user, host=spot.host))
