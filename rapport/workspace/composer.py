"""What the composer needs: recipients, signature, draft, and what the channel can carry."""

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import TypedDict

from django.db.models import QuerySet

from rapport.conversations.below import Below
from rapport.conversations.below import loaded as from_draft
from rapport.conversations.models import (
    Attachment,
    Conversation,
    Draft,
)
from rapport.conversations.queries.answered import message_answered
from rapport.conversations.reachable import unreachable
from rapport.conversations.recipients import loaded
from rapport.conversations.signatures import signature_for
from rapport.inboxes.contract import Address, Capabilities
from rapport.inboxes.registry import channel
from rapport.kernel.db.prepared import prepared
from rapport.kernel.web.filters import file_size
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.addressed import as_offered
from rapport.workspace.beneath import BelowView, below_view
from rapport.workspace.entries import EntryView, FileView, file_view
from rapport.workspace.offered import Offered, default_recipients

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
    token: int


@dataclass(frozen=True)
class DraftView:
    """A draft with its files."""

    kind: str
    html: str
    files: list[FileView]


@dataclass(frozen=True)
class Typed:
    """The composer as it was posted and refused: shown again to the letter, addresses that are none too.

    ``chosen``: the agent changed whom it goes to.
    """

    html: str
    text: str
    to: str
    cc: str
    bcc: str
    file_ids: list[int]
    chosen: bool = True
    below: Below | None = None
    status: str = ""


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
    offered: str
    below: BelowView
    who: list[Person]
    kept: str
    cc: list[Person]
    bcc: list[Person]
    signature_html: str
    capabilities: Carried
    token: int
    answered: int
    seen: int
    status: str
    nonce: str
    mode: str
    kinds: tuple[str, ...]
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
    token: int | None = None,
    answered: int = 0,
    folded: bool = False,
    begun: bool = False,
    below: Below | None = None,
) -> Composer:
    """Return the composer of a conversation with what was ``typed``, or with this agent's newest draft.

    Where nothing is begun, a ``folded`` one is its tabs alone; the rest is fetched when one is opened.
    One that is ``begun`` is shown unfolded, for a page without scripts. ``token`` is what was
    last seen of it; without one, everything was. ``answered`` is the last entry when the form whose
    place it takes sent its last answer. ``below`` is what the agent asks to forward, or to answer.
    """
    kinds = kinds_for(agent)
    stored = {draft.kind: draft for draft in _drafts(agent.pk, conversation.pk) if draft.kind in kinds}
    mode, draft = _opened(stored, mode, kinds)
    last = message_answered(conversation)
    seen = conversation.last_seq if token is None else token
    folded = folded and not (draft or typed or errors)
    wanted = typed.below if typed else below or _kept_below(stored)
    beneath = BelowView() if folded else below_view(conversation, last, wanted)
    offered = default_recipients(conversation, last)
    people = _chosen_people(offered, stored, mode, typed, beneath if below else None)
    return Composer(
        folded=folded,
        begun=begun,
        below=beneath,
        signature_html=signature_for(agent, conversation.brand),
        capabilities=_carried(conversation),
        answered=answered,
        seen=seen,
        nonce=secrets.token_urlsafe(16),
        mode=mode,
        kinds=kinds,
        errors=errors or [],
        conflict=conflict or [],
        **_written(agent, typed, mode, draft, seen),
        **_addressed(conversation, offered, people, _others(offered, stored, mode, seen), mode),
        **_urls(conversation),
    )


def kinds_for(agent: Agent) -> tuple[str, ...]:
    """Return what the agent may write; the first is what is begun with."""
    return KINDS if agent.can(Permission.REPLY) else ("note",)


def _opened(stored: dict[str, Draft], mode: str, kinds: tuple[str, ...]) -> tuple[str, Draft | None]:
    """Return the tab that is open, the wanted one or that of the newest draft, and what is begun in it."""
    opened = mode if mode in kinds else next(iter(stored), kinds[0])
    return opened, stored.get(opened)


def _carried(conversation: Conversation) -> Carried:
    capabilities: Capabilities = channel(conversation.inbox.kind).capabilities
    return Carried(capabilities.attachment_bytes)


class _Written(TypedDict):
    draft: DraftView | None
    token: int
    status: str
    plain_text: str


def _written(agent: Agent, typed: Typed | None, mode: str, draft: Draft | None, seen: int) -> _Written:
    """Return what stands in the open tab: what was typed and refused, else the draft."""
    if typed:
        return {
            "draft": _typed_view(agent, typed, mode),
            "token": seen,
            "status": typed.status,
            "plain_text": typed.text,
        }
    return {
        "draft": draft_view(draft) if draft else None,
        "token": _token(draft, seen),
        "status": "",
        "plain_text": "",
    }


class _Addressed(TypedDict):
    offered: str
    reply_to: list[Person]
    cc: list[Person]
    bcc: list[Person]
    who: list[Person]
    kept: str
    unreachable: str


def _addressed(
    conversation: Conversation,
    offered: Offered,
    people: dict[str, list[Person]],
    others: dict[str, _Other],
    mode: str,
) -> _Addressed:
    """Return whom the open tab goes to, whom a reply would, and what the other tabs hold."""
    who = others["reply"].people["to"] if mode == "forward" else people["to"]
    return {
        "offered": as_offered(*offered),
        "reply_to": people["to"],
        "cc": people["cc"],
        "bcc": people["bcc"],
        "who": who,
        "kept": _kept(others),
        "unreachable": "" if who else unreachable(conversation),
    }


class _Urls(TypedDict):
    canned_url: str
    send_url: str
    note_url: str
    forward_url: str
    draft_url: str
    upload_url: str


def _urls(conversation: Conversation) -> _Urls:
    base = f"/conversations/{conversation.number}"
    return {
        "canned_url": f"/canned?conversation={conversation.number}",
        "send_url": f"{base}/reply",
        "note_url": f"{base}/note",
        "forward_url": f"{base}/forward",
        "draft_url": f"{base}/draft",
        "upload_url": "/files",
    }


def _typed_view(agent: Agent, typed: Typed, mode: str) -> DraftView:
    return DraftView(mode, typed.html, [file_view(file) for file in own_uploads(agent, typed.file_ids)])


def own_uploads(agent: Agent, file_ids: list[int]) -> list[Attachment]:
    """Return those of the files that the agent has uploaded and not sent yet."""
    own = Attachment.objects.filter(pk__in=file_ids, uploader=agent)
    return list(own.filter(message=None, note=None, side_message=None).order_by("pk"))


def _chosen_people(
    offered: Offered, stored: dict[str, Draft], mode: str, typed: Typed | None, asked: BelowView | None
) -> dict[str, list[Person]]:
    """Return whom the open tab goes to: the author whom it was ``asked`` to answer, else as typed or kept."""
    author = _author_of(asked) if asked and mode == "forward" else {}
    return author or _typed_people(typed, mode) or _shown_people(offered, {} if typed else stored, mode)


def _typed_people(typed: Typed | None, mode: str) -> dict[str, list[Person]]:
    """Return whom the agent typed; empty where they left it to us, so that it is as it would be now."""
    if typed is None or (mode == "reply" and not typed.chosen):
        return {}
    rows = {"to": typed.to, "cc": typed.cc, "bcc": typed.bcc}
    return {
        role: [Person(text.strip(), text.strip()) for text in row.split(",") if text.strip()]
        for role, row in rows.items()
    }


def _shown_people(offered: Offered, stored: dict[str, Draft], mode: str) -> dict[str, list[Person]]:
    """Return whom a tab is addressed to. Note and reply share it, as one is often turned into the other."""
    draft = stored.get("forward" if mode == "forward" else "reply")
    # A forward goes to nobody by itself: the customer must never get it by an oversight.
    to, cc = ((), ()) if mode == "forward" else offered
    if draft and _has_people(draft):
        to, cc = loaded(draft.to), loaded(draft.cc)
    return {"to": _people(to), "cc": _people(cc), "bcc": _people(loaded(draft.bcc)) if draft else []}


def _author_of(beneath: BelowView) -> dict[str, list[Person]]:
    """Return the third party whose words are answered; nobody where a public message is passed on."""
    return {"to": _people((beneath.author,)), "cc": [], "bcc": []} if beneath.side_id else {}


def _has_people(draft: Draft) -> bool:
    return bool(draft.to or draft.cc or draft.bcc)


def _token(draft: Draft | None, seen: int) -> int:
    """Return what was seen when the recipients of a draft were chosen: what came since may change them."""
    chosen = draft is not None and draft.kind != "note" and _has_people(draft)
    return min(draft.seen_seq, seen) if draft is not None and chosen else seen


def _kept_below(stored: dict[str, Draft]) -> Below | None:
    draft = stored.get("forward")
    return from_draft(draft.below) if draft else None


def _others(offered: Offered, stored: dict[str, Draft], mode: str, seen: int) -> dict[str, _Other]:
    """Return what the tabs that are not open hold: their drafts, and whom a reply would go to."""
    drafts = {kind: draft for kind, draft in stored.items() if kind != mode}
    wanted = {**({"reply": None} if mode == "forward" else {}), **drafts}
    return {
        kind: _Other(
            _shown_html(draft) if draft else "",
            _shown_people(offered, stored, kind),
            _files_of(draft) if draft else [],
            _token(draft, seen),
        )
        for kind, draft in wanted.items()
    }


def _kept(others: dict[str, _Other]) -> str:
    rows = {
        kind: {
            "html": other.html,
            "token": other.token,
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


@prepared
def _drafts(agent_id: int, conversation_id: int) -> QuerySet[Draft]:
    return Draft.objects.filter(agent_id=agent_id, conversation_id=conversation_id).order_by("-updated_at")


@prepared
def _draft_files(draft_id: int) -> QuerySet[Attachment]:
    return Attachment.objects.filter(draft_id=draft_id)


def _people(addresses: tuple[Address, ...]) -> list[Person]:
    return [
        Person(f"{a.name} <{a.value}>" if a.name and "," not in a.name else a.value, a.name or a.value)
        for a in addresses
    ]
