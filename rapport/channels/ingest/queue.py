"""The queue of raw rows: each is read, judged, placed and committed by itself, so none blocks another."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from rapport.channels.ingest.content import content_of
from rapport.channels.ingest.sentences import sentence
from rapport.channels.ingest.steps import LONGEST_REASON, take_in
from rapport.channels.ingest.trays import COUNTED, trays_moved
from rapport.inboxes.contract import InboundMessage, MailRefused
from rapport.inboxes.models import Inbox, Outcome, RawInbound
from rapport.inboxes.registry import channel
from rapport.kernel.db.prepared import prepared
from rapport.kernel.files.models import StoredFile
from rapport.kernel.files.storage import store
from rapport.kernel.jobs import leases
from rapport.kernel.jobs.queues import Queue, register_queue
from rapport.kernel.sentences import heard, kept
from rapport.kernel.stream.models import Origin

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 4
_SETTLED = ("outcome", "reason", "verdicts", "shown_from", "shown_subject", "candidate")


class LeaseLost(Exception):
    """Another worker reads this row now; what this one did is rolled back."""


def read_raw(raw: RawInbound) -> None:
    """Turn one claimed raw row into what it is: messages, a signal, or a visible refusal.

    Identifying the customer, the conversation, its entry and ``raw = parsed`` are one transaction.
    """
    _load(raw)
    adapter = channel(raw.inbox.kind)
    items = list(adapter.parse(content_of(raw), raw))
    files = [_store_files(item) for item in items]
    with transaction.atomic():
        for item, stored in zip(items, files, strict=True):
            settled = take_in(raw, item, stored)
            raw.outcome, raw.reason, raw.verdicts = (
                settled.outcome,
                kept(settled.reason, LONGEST_REASON),
                settled.verdicts,
            )
            raw.shown_from, raw.shown_subject = settled.shown_from[:400], settled.shown_subject[:500]
            raw.candidate = settled.candidate
        if not items:
            raw.outcome, raw.reason = Outcome.POISON, kept(sentence("empty"), LONGEST_REASON)
        if not leases.finish(raw, *_SETTLED):
            raise LeaseLost
        if raw.outcome in COUNTED and raw.origin == Origin.LIVE:
            trays_moved(raw.inbox)
    log.debug("raw %s: %s", raw.pk, raw.outcome)


def _load(raw: RawInbound) -> None:
    # A claimed row comes from an UPDATE and brings no related rows along.
    (raw.inbox,) = _inbox(raw.inbox_id)
    if raw.file_id is not None:
        (raw.file,) = _file(raw.file_id)


@prepared
def _inbox(pk: int) -> QuerySet[Inbox]:
    return Inbox.objects.filter(pk=pk)


@prepared
def _file(pk: int) -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(pk=pk)


def handle(raw: RawInbound) -> None:
    """Read a raw row; one that fails for good is kept and listed with the reason."""
    try:
        read_raw(raw)
    except LeaseLost:
        log.warning("raw %s was taken over by another worker", raw.pk)
    except Exception as error:
        if raw.attempts < MAX_ATTEMPTS:
            raise
        log.exception("raw %s cannot be read", raw.pk)
        reason = sentence("unreadable", error=type(error).__name__)
        _give_up(raw, f"{type(error).__name__}: {error}"[:1000], reason)


def died(raw: RawInbound) -> None:
    """List a raw row whose reading ended the process each time."""
    log.error("raw %s ended the process each time", raw.pk)
    _give_up(
        raw, heard(raw.last_error) or "the process died each time it read this", sentence("process_died")
    )


def _give_up(raw: RawInbound, error: str, reason: str) -> None:
    with transaction.atomic():
        if leases.fail(raw, error):
            kept_reason = kept(reason, LONGEST_REASON)
            RawInbound.objects.filter(pk=raw.pk).update(outcome=Outcome.POISON, reason=kept_reason)
            _load(raw)
            trays_moved(raw.inbox)
            return
    log.warning("raw %s was taken over by another worker", raw.pk)


def _store_files(item: object) -> list[StoredFile]:
    if isinstance(item, MailRefused) or not isinstance(item, InboundMessage):
        return []
    return [store(file.content, name=file.name, content_type=file.content_type) for file in item.files]


def register() -> None:
    """Let the worker read raw rows, in the order in which they came in."""
    register_queue(
        Queue(
            name="ingest",
            model=RawInbound,
            handler=handle,
            lease=timedelta(seconds=120),
            batch=10,
            order=("run_at", "id"),
            max_attempts=MAX_ATTEMPTS,
            due=lambda: RawInbound.objects.select_related("inbox"),
            on_dead=died,
        )
    )
