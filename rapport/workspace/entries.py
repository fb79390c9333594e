"""Entries of a thread, as their templates read them."""

import re
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from django.utils.translation import gettext as _
from markupsafe import Markup

from rapport.conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    DeliveryRecipient,
    Entry,
    Message,
    Note,
    SideMessage,
)
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries.files import internal, is_shown
from rapport.conversations.queries.thread import Thread
from rapport.conversations.subjects import reply_subject
from rapport.kernel.clock import now
from rapport.kernel.jobs.models import State
from rapport.kernel.sentences import say
from rapport.kernel.text.links import linked
from rapport.kernel.web.filters import hue, initials
from rapport.kernel.web.moments import Moments
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.mentions import with_mentions
from rapport.workspace.reasons import words_for
from rapport.workspace.sentences import sentence

NEEDS_SUBJECT = frozenset(
    {"assigned", "team.changed", "status.changed", "priority.changed", "kind.changed", "tags.changed"}
)
"""Kinds whose sentence only says what was done, “set the status to Open”; by itself, Rapport did it."""
SENT = ("message.sent", "side.sent")
PASSED_ON = {"message.received": "message", "message.sent": "message", "side.received": "side"}
"""What the composer of a forward calls the words that it has below its own."""
TONES = {
    "message.received": "customer",
    "message.sent": "ours",
    "side.sent": "side",
    "side.received": "side",
    "note.added": "note",
    "call.logged": "note",
}
_CID = re.compile(r"""(src=["'])cid:([^"'>\s]+)""")


class FileView(NamedTuple):
    """A file under a message."""

    id: int
    name: str
    size: int
    content_type: str
    url: str
    inline_url: str
    is_image: bool
    is_pdf: bool
    internal: bool = False


class RecipientView(NamedTuple):
    """One recipient of one sending."""

    id: int
    address: str
    state: str
    label: str


class DeliveryView(NamedTuple):
    """The sending of a message, in words."""

    id: int
    state: str
    label: str
    reason: str = ""
    next_try: datetime | None = None
    undo_until: datetime | None = None
    recipients: tuple[RecipientView, ...] = ()

    @property
    def settled(self) -> bool:
        """Return whether nothing can be done about it, nor will it change by itself."""
        return self.state in {"sent", "withdrawn", "skipped"}


class WordsView(NamedTuple):
    """A message, a note or a side message."""

    id: int
    html: str
    text: str
    files: tuple[FileView, ...]
    url: str = ""
    quoted_html: str = ""
    signature_html: str = ""
    sender_name: str = ""
    sender_address: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    delivery: DeliveryView | None = None
    why: tuple[str, ...] = ()
    unverified: bool = False
    disowned: bool = False
    written_by: str = ""
    remote_images_blocked: bool = False
    original_url: str = ""
    forwarded_from: str = ""
    pass_on_url: str = ""
    """Where the composer opens for it: to forward a public message, to answer a third party's."""

    @property
    def settled(self) -> bool:
        """Return whether the agent has nothing to decide about it."""
        open_questions = self.unverified or self.remote_images_blocked or self.forwarded_from
        return not open_questions and (self.delivery is None or self.delivery.settled)


class EntryView(NamedTuple):
    """One entry of the timeline: everything that is shown of it, so that equal ones look the same."""

    seq: int
    kind: str
    tone: str
    actor_name: str
    actor_initials: str
    actor_hue: int
    time: Markup
    moment: str
    audience: str
    sentence: str
    words: WordsView | None = None
    cause: int = 0
    """Number of the answer in this thread that brought the entry along; 0 for none."""
    link: str = ""
    """Address of the conversation that the sentence names."""

    @property
    def settled(self) -> bool:
        """Return whether it looks the same to everybody, as it has no forms."""
        return self.words is None or self.words.settled


def entry_views(
    conversation: Conversation, thread: Thread, *, viewer: Agent | None = None
) -> list[EntryView]:
    """Return the entries of a thread ready to be shown to ``viewer``, who takes back only what is theirs."""
    withdrawn = {
        delivery.message_id or -(delivery.side_message_id or 0)
        for delivery in thread.deliveries.values()
        if delivery.state == Delivery.WITHDRAWN
    }
    untold = _untold(thread, withdrawn)
    answers = {entry.pk: entry.seq for entry in thread.entries if entry.kind in SENT}
    moments = Moments.here()
    own = viewer.pk if viewer else None
    may_reply = viewer is not None and viewer.can(Permission.REPLY)
    return [
        _for_author_only(
            _passing_on(
                _entry(conversation, thread, entry, moments, answers.get(entry.caused_by or 0, 0), own),
                shown=may_reply,
            ),
            shown=entry.actor_kind == "agent" and entry.actor_id == own,
        )
        for entry in thread.entries
        if entry.kind != "delivery.sent" and entry.pk not in untold
    ]


def _passing_on(view: EntryView, *, shown: bool) -> EntryView:
    name = PASSED_ON.get(view.kind)
    if not shown or view.words is None or name is None or not _had(view.words):
        return view
    url = f"?{name}={view.words.id}#composer"
    return view._replace(words=view.words._replace(pass_on_url=url))


def _had(words: WordsView) -> bool:
    """Tell whether somebody has had the words: what can still be taken back is not passed on."""
    return words.delivery is None or any(row.state == "sent" for row in words.delivery.recipients)


def _for_author_only(view: EntryView, *, shown: bool) -> EntryView:
    if shown or view.words is None or view.words.delivery is None or not view.words.delivery.undo_until:
        return view
    delivery = view.words.delivery._replace(undo_until=None)
    return view._replace(words=view.words._replace(delivery=delivery))


def _untold(thread: Thread, withdrawn: set[int]) -> set[int]:
    """Return entries that tell nothing: answers taken back, and what came with them and went with them."""
    sent = {
        entry.pk: _about(entry)
        for entry in thread.entries
        if entry.kind in SENT and _about(entry) in withdrawn
    }
    undone = {entry.pk: _about(entry) for entry in thread.entries if entry.kind == "delivery.withdrawn"}
    gone = {(undone[entry.caused_by], entry.kind) for entry in thread.entries if entry.caused_by in undone}
    return {
        entry.pk
        for entry in thread.entries
        if entry.pk in sent
        or entry.caused_by in undone
        or (entry.caused_by in sent and (sent[entry.caused_by], entry.kind) in gone)
    }


def _about(entry: Entry) -> int:
    """Return the message that an entry is about; below 0 for a side message."""
    return entry.payload.get("message_id") or -(entry.payload.get("side_message_id") or 0)


def _entry(
    conversation: Conversation,
    thread: Thread,
    entry: Entry,
    moments: Moments,
    cause: int,
    viewer_id: int | None,
) -> EntryView:
    name = _actor_name(conversation, thread, entry)
    payload = entry.payload
    message = thread.messages.get(payload.get("message_id", 0)) if entry.kind.startswith("message.") else None
    note = thread.notes.get(payload.get("note_id", 0))
    side = thread.sides.get(payload.get("side_message_id", 0)) if entry.kind.startswith("side.") else None
    words: WordsView | None = None
    if message:
        words = _message(conversation, thread, message)
    elif note:
        words = _note(thread, entry, note, viewer_id)
    elif side:
        words = _side(conversation, thread, side)
    face = name or (words.sender_name or words.sender_address if words else "")
    return EntryView(
        seq=entry.seq,
        kind=entry.kind,
        tone=TONES.get(entry.kind, ""),
        actor_name=name,
        actor_initials=initials(face),
        actor_hue=hue(face),
        time=moments.tag(entry.occurred_at, "entry__time", timed=True),
        moment=moments.full(entry.occurred_at),
        audience=entry.audience,
        sentence=sentence(entry, thread),
        words=words,
        cause=cause,
        link=f"/conversations/{payload['other_id'] + FIRST_NUMBER}" if entry.kind == "linked" else "",
    )


def _actor_name(conversation: Conversation, thread: Thread, entry: Entry) -> str:
    if entry.actor_kind == "agent":
        agent = thread.agents.get(entry.actor_id or 0)
        return agent.name if agent else ""
    if entry.actor_kind == "customer":
        message = thread.messages.get(entry.payload.get("message_id", 0))
        return message.sender_name or message.sender_address if message else conversation.customer.name
    return "Rapport" if entry.kind in NEEDS_SUBJECT else ""


def _message(conversation: Conversation, thread: Thread, message: Message) -> WordsView:
    files = thread.files.get(("message", message.pk), [])
    delivery = thread.delivery_of(message_id=message.pk) if message.direction == "out" else None
    incoming, first = message.direction == "in", message.reason("forwarded")
    url = f"/conversations/{conversation.number}/messages/{message.pk}"
    return WordsView(
        id=message.pk,
        url=url,
        html=linked(shown_html(message.html, files)),
        quoted_html=linked(shown_html(message.quoted_html, files)) if incoming else "",
        signature_html=linked(shown_html(message.signature_html, files)),
        text=message.text,
        sender_name=message.sender_name,
        sender_address=message.sender_address,
        to=_people(message.to),
        cc=_people(message.cc),
        subject="" if _is_subject(conversation, message.subject) else message.subject,
        files=_shown_files(files, message.signed_html),
        delivery=delivery_view(delivery, thread.recipients[delivery.pk]) if delivery else None,
        why=words_for(message.why, thread.inboxes.get(message.inbox_id or 0, "")) if incoming else (),
        unverified=message.unverified,
        written_by=message.written_by,
        disowned=message.disowned,
        remote_images_blocked=message.remote_images,
        forwarded_from=first.get("name") or first.get("address", ""),
        original_url=f"{url}/original" if message.raw_id else "",
    )


def _note(thread: Thread, entry: Entry, note: Note, viewer_id: int | None) -> WordsView:
    files = thread.files.get(("note", note.pk), [])
    named = entry.payload.get("mentioned_ids", ())
    mentioned = [thread.agents[pk] for pk in named if pk in thread.agents]
    return WordsView(
        id=note.pk,
        html=linked(with_mentions(shown_html(note.html, files), mentioned, viewer_id)),
        text=note.text,
        files=_shown_files(files, note.html),
    )


def _side(conversation: Conversation, thread: Thread, side: SideMessage) -> WordsView:
    files = thread.files.get(("side_message", side.pk), [])
    delivery = thread.delivery_of(side_id=side.pk)
    return WordsView(
        id=side.pk,
        url=f"/conversations/{conversation.number}/messages/{side.pk}",
        html=linked(shown_html(side.html, files)),
        text=side.text,
        sender_name=side.sender_name,
        sender_address=side.sender_address,
        to=_people(side.to),
        cc=_people(side.cc),
        subject="" if _is_subject(conversation, side.subject) else side.subject,
        files=_shown_files(files, side.html),
        delivery=delivery_view(delivery, thread.recipients[delivery.pk]) if delivery else None,
    )


def _is_subject(conversation: Conversation, subject: str) -> bool:
    """Tell whether a mail has the conversation's own subject, which stands above all of them."""
    return subject in {conversation.subject, reply_subject(conversation.subject)}


def _people(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(row.get("name") or row.get("address", "") for row in rows)


def _shown_files(files: list[Attachment], html: str) -> tuple[FileView, ...]:
    """Return the files that are listed below the words: those that the words do not show themselves."""
    return tuple(file_view(file) for file in files if not is_shown(file, html))


def shown_html(html: str, files: list[Attachment]) -> str:
    """Return stored HTML with the images that came with it pointing at our own files."""
    if "cid:" not in html:
        return html
    urls = {file.content_id: _url(file) + "?inline" for file in files if file.content_id}
    return _CID.sub(lambda m: f"{m[1]}{urls.get(m[2], '')}", html)


def _url(file: Attachment) -> str:
    return f"/files/{file.pk}/{quote(file.name, safe='')}"


def file_view(file: Attachment) -> FileView:
    """Return a file as the templates read it."""
    url = _url(file)
    image = file.content_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}
    return FileView(
        id=file.pk,
        name=file.name,
        size=file.size,
        content_type=file.content_type,
        url=url,
        inline_url=f"{url}?inline",
        is_image=image,
        is_pdf=file.content_type == "application/pdf",
    )


def marked(file: Attachment) -> FileView:
    """Return a file as it is shown away from its words: marked where they are internal."""
    return file_view(file)._replace(internal=internal(file))


def delivery_view(delivery: Delivery, recipients: list[DeliveryRecipient]) -> DeliveryView:
    """Return a sending in words: queued, sending, sent, waiting, failed, withdrawn or skipped."""
    state = _delivery_state(delivery, recipients)
    labels = {
        "queued": _("Will be sent"),
        "sending": _("Being sent"),
        "sent": _("Sent"),
        "waiting": _("Waiting for another try"),
        "failed": _("Not delivered"),
        "withdrawn": _("Taken back"),
        "skipped": _("Not sent"),
    }
    undo = delivery.run_at if state == "queued" and delivery.run_at > now() else None
    return DeliveryView(
        id=delivery.pk,
        state=state,
        label=labels[state],
        reason=say(delivery.reason),
        next_try=delivery.run_at if state == "waiting" else None,
        undo_until=undo,
        recipients=tuple(
            RecipientView(row.pk, row.address, row.state, say(row.detail)) for row in recipients
        ),
    )


def _delivery_state(delivery: Delivery, recipients: list[DeliveryRecipient]) -> str:
    if delivery.state == State.DONE:
        bounced = any(row.state == "bounced" for row in recipients)
        return "failed" if bounced else "sent"
    if delivery.state == State.QUEUED:
        return "waiting" if delivery.reason else "queued"
    return {State.RUNNING.value: "sending", State.FAILED.value: "failed"}.get(delivery.state, delivery.state)
