"""What the composer needs: recipients, signature, draft, and what the channel can carry."""

import json
import re
import secrets
from dataclasses import dataclass, field

from django.db.models import QuerySet

from rapport.conversations.models import Attachment, Conversation, Delivery, Draft, Message
from rapport.conversations.reachable import unreachable
from rapport.conversations.recipients import is_no_reply, loaded, reply_all
from rapport.conversations.signatures import signature_for
from rapport.inboxes.contract import Address, Capabilities
from rapport.inboxes.queries.own_addresses import own_addresses
from rapport.inboxes.registry import channel
from rapport.kernel.db.prepared import prepared
from rapport.kernel.web.filters import file_size
from rapport.staff.models import Agent
from rapport.workspace.entries import EntryView, FileView, file_view

KINDS = ("reply", "note", "forward")
_OWN_CID = re.compile(r"cid:rapport-(\d+)")


@dataclass(frozen=True)
class Person:
    """A recipient: the address as it is typed, and what is shown for it."""

    address: str
    label: str


@dataclass(frozen=True)
class _Other:
    html: str
    people: dict[str, list[Person]]
    files: list[FileView]


@dataclass(frozen=True)
class DraftView:
    """A draft with its files."""

    kind: str
    html: str
    files: list[FileView]


@dataclass(frozen=True)
class Typed:
    """The composer as it was posted and refused: shown again to the letter, addresses that are none too."""

    html: str
    text: str
    to: str
    cc: str
    bcc: str
    file_ids: list[int]


@dataclass(frozen=True)
class Carried:
    """What the composer says about the channel before sending. Sizes in bytes."""

    max_attachment_bytes: int


@dataclass(frozen=True, kw_only=True)
class Composer:
    """The form below a thread."""

    draft: DraftView | None
    folded: bool
    begun: bool
    reply_to: list[Person]
    who: list[Person]
    kept: str
    cc: list[Person]
    bcc: list[Person]
    signature_html: str
    capabilities: Carried
    token: int
    nonce: str
    mode: str
    plain_text: str
    unreachable: str
    canned_url: str
    send_url: str
    note_url: str
    forward_url: str
    draft_url: str
    upload_url: str
    errors: list[str] = field(default_factory=list)
    conflict: list[EntryView] = field(default_factory=list)


def composer_for(
    agent: Agent,
    conversation: Conversation,
    *,
    errors: list[str] | None = None,
    conflict: list[EntryView] | None = None,
    mode: str = "",
    typed: Typed | None = None,
    folded: bool = False,
    begun: bool = False,
) -> Composer:
    """Return the composer of a conversation with what was ``typed``, or with this agent's newest draft.

    Where nothing is begun, a ``folded`` one is its tabs alone; the rest is fetched when one is opened.
    One that is ``begun`` is shown unfolded, for a page without scripts.
    """
    base = f"/conversations/{conversation.number}"
    drafts = _drafts(agent.pk, conversation.pk)
    draft = next((draft for draft in drafts if not mode or draft.kind == mode), None)
    mode = mode or (draft.kind if draft else "reply")
    people = _typed_people(typed) if typed else _shown_people(conversation, draft, mode)
    others = _others(conversation, drafts, mode)
    capabilities: Capabilities = channel(conversation.inbox.kind).capabilities
    who = others["reply"].people["to"] if mode == "forward" else people["to"]
    return Composer(
        draft=_typed_view(agent, typed, mode) if typed else draft_view(draft) if draft else None,
        folded=folded and draft is None and typed is None and not errors,
        begun=begun,
        reply_to=people["to"],
        who=who,
        kept=_kept(others),
        cc=people["cc"],
        bcc=people["bcc"],
        signature_html=signature_for(agent, conversation.brand),
        capabilities=Carried(capabilities.attachment_bytes),
        token=conversation.last_seq,
        nonce=secrets.token_urlsafe(16),
        mode=mode,
        plain_text=typed.text if typed else "",
        unreachable="" if who else unreachable(conversation),
        canned_url=f"/canned?conversation={conversation.number}",
        send_url=f"{base}/reply",
        note_url=f"{base}/note",
        forward_url=f"{base}/forward",
        draft_url=f"{base}/draft",
        upload_url="/files",
        errors=errors or [],
        conflict=conflict or [],
    )


def _typed_view(agent: Agent, typed: Typed, mode: str) -> DraftView:
    return DraftView(mode, typed.html, [file_view(file) for file in own_uploads(agent, typed.file_ids)])


def own_uploads(agent: Agent, file_ids: list[int]) -> list[Attachment]:
    """Return those of the files that the agent has uploaded and not sent yet."""
    own = Attachment.objects.filter(pk__in=file_ids, uploader=agent)
    return list(own.filter(message=None, note=None, side_message=None).order_by("pk"))


def _typed_people(typed: Typed) -> dict[str, list[Person]]:
    rows = {"to": typed.to, "cc": typed.cc, "bcc": typed.bcc}
    return {
        role: [Person(text.strip(), text.strip()) for text in row.split(",") if text.strip()]
        for role, row in rows.items()
    }


def _shown_people(conversation: Conversation, draft: Draft | None, mode: str) -> dict[str, list[Person]]:
    # A forward goes to nobody by itself: the customer must never get it by an oversight.
    to, cc = ((), ()) if mode == "forward" else default_recipients(conversation)
    if draft and draft.to:
        to, cc = loaded(draft.to), loaded(draft.cc)
    return {"to": _people(to), "cc": _people(cc), "bcc": _people(loaded(draft.bcc)) if draft else []}


def _others(conversation: Conversation, drafts: list[Draft], mode: str) -> dict[str, _Other]:
    """Return what the tabs that are not open hold: their drafts, and whom a reply would go to."""
    stored = {draft.kind: draft for draft in reversed(drafts) if draft.kind != mode}
    wanted = {**({"reply": None} if mode == "forward" else {}), **stored}
    return {
        kind: _Other(
            _shown_html(draft) if draft else "",
            _shown_people(conversation, draft, kind),
            _files_of(draft) if draft else [],
        )
        for kind, draft in wanted.items()
    }


def _kept(others: dict[str, _Other]) -> str:
    rows = {
        kind: {
            "html": other.html,
            "files": [
                {"id": file.id, "name": file.name, "size": file_size(file.size)} for file in other.files
            ],
            **{role: [person.address for person in people] for role, people in other.people.items()},
        }
        for kind, other in others.items()
    }
    return json.dumps(rows) if rows else ""


def draft_view(draft: Draft) -> DraftView:
    """Return a draft as the composer shows it; pasted images point at our files again."""
    return DraftView(draft.kind, _shown_html(draft), _files_of(draft))


def _files_of(draft: Draft) -> list[FileView]:
    return [file_view(file) for file in _draft_files(draft.pk)]


def _shown_html(draft: Draft) -> str:
    return _OWN_CID.sub(lambda match: f"/files/{match[1]}/image?inline", draft.html)


def default_recipients(conversation: Conversation) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Return who an answer goes to: everyone visible on the last public message, minus our own addresses.

    A message from an address that no agent accepted yet is answered to the known participant.
    """
    last = _last_received.first(conversation.pk) or _last_shown.first(conversation.pk)
    if last is None:
        identity = conversation.identity
        known = identity is not None and not is_no_reply(identity.value)
        return ((Address(identity.value, conversation.customer.name),) if known and identity else ()), ()
    if last.direction == "out":
        return loaded(last.to), loaded(last.cc)
    customer = Address(last.sender_address, last.sender_name)
    if is_no_reply(customer.value) and conversation.identity is not None:
        customer = Address(conversation.identity.value, conversation.customer.name)
    return reply_all(customer=customer, to=loaded(last.to), cc=loaded(last.cc), own=own_addresses())


@prepared
def _drafts(agent_id: int, conversation_id: int) -> QuerySet[Draft]:
    return Draft.objects.filter(agent_id=agent_id, conversation_id=conversation_id).order_by("-updated_at")


@prepared
def _draft_files(draft_id: int) -> QuerySet[Attachment]:
    return Attachment.objects.filter(draft_id=draft_id)


def _shown(conversation_id: int) -> QuerySet[Message]:
    found = Message.objects.filter(conversation_id=conversation_id, unverified=False)
    return found.exclude(deliveries__state=Delivery.WITHDRAWN).order_by("-id")


@prepared
def _last_received(conversation_id: int) -> QuerySet[Message]:
    return _shown(conversation_id).filter(direction="in", automatic=False)[:1]


@prepared
def _last_shown(conversation_id: int) -> QuerySet[Message]:
    return _shown(conversation_id)[:1]


def _people(addresses: tuple[Address, ...]) -> list[Person]:
    return [
        Person(f"{a.name} <{a.value}>" if a.name and "," not in a.name else a.value, a.name or a.value)
        for a in addresses
    ]
