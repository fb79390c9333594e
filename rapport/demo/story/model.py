"""What a story is made of: frozen values that a builder plays through the product's public actions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["de", "en", "fr", "es", "nl", "pl"]
Status: TypeAlias = Literal["new", "open", "waiting", "on_hold", "solved", "closed"]
Priority: TypeAlias = Literal["low", "normal", "high", "urgent"]
Kind: TypeAlias = Literal["inquiry", "complaint", "technical_problem", "return", "praise", "feedback", "task"]
Role: TypeAlias = Literal[
    "collaborator", "representative", "specialist", "team_lead", "qa_analyst", "manager", "administrator"
]
FileKind: TypeAlias = Literal["photo", "screenshot", "pdf", "invoice", "log"]
MailClient: TypeAlias = Literal["gmail", "iphone", "outlook", "thunderbird", "webmail"]
OPEN_STATUSES: tuple[Status, ...] = ("new", "open", "waiting", "on_hold")


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand of the shop; colours are CSS hex values, the signature is plain text below every reply."""

    key: str
    name: str
    domain: str
    colour: str
    accent: str
    tagline: str
    signature: str


@dataclass(frozen=True, slots=True)
class Team:
    """A group of staff; ``brands`` are the brands whose inboxes it looks after."""

    key: str
    name: str
    description: str
    brands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """An address that customers write to; new conversations belong to ``team``."""

    key: str
    brand: str
    name: str
    address: str
    team: str


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff; ``languages`` best first, ``gender`` is "f" or "m" for grammar only."""

    key: str
    name: str
    email: str
    role: Role
    teams: tuple[str, ...]
    brands: tuple[str, ...]
    languages: tuple[str, ...]
    time_zone: str
    gender: str
    bio: str
    signature: str


@dataclass(frozen=True, slots=True)
class Company:
    """A firm that customers write for."""

    key: str
    name: str
    domain: str
    country: str
    city: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A person who writes; ``region`` is the state or county, ``household`` who else uses the mailbox."""

    key: str
    first_name: str
    last_name: str
    gender: str
    email: str
    language: Language
    country: str
    region: str
    street: str
    postcode: str
    city: str
    phone: str
    time_zone: str
    client: MailClient
    company: str = ""
    household: tuple[str, ...] = ()
    other_emails: tuple[str, ...] = ()
    note: str = ""
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """First and last name as the person writes them."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase that a conversation is about; ``total`` in euro cents."""

    number: str
    customer: str
    placed_on: date
    product: str
    total: int
    carrier: str
    tracking: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file described as data; ``files.content`` makes its bytes. Equal attachments give equal bytes."""

    kind: FileKind
    name: str
    content_type: str
    seed: int
    subject: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailIn:
    """A mail from outside. ``answers`` is the key of the Reply it answers ("" for a first mail)."""

    at: datetime
    actor: str
    key: str
    from_name: str
    from_address: str
    to: str
    subject: str
    text: str
    client: MailClient = "webmail"
    html: str = ""
    cc: tuple[str, ...] = ()
    files: tuple[Attachment, ...] = ()
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A public answer of ``actor`` (a staff key); plain text without signature and quoted history."""

    at: datetime
    actor: str
    key: str
    text: str
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """Internal words; ``mentions`` are staff keys, each written in the text as ``@Full Name``."""

    at: datetime
    actor: str
    text: str
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assigned:
    """``actor`` gave the conversation to ``assignee`` (a staff key) and, when set, to ``team``."""

    at: datetime
    actor: str
    assignee: str
    team: str = ""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """``actor`` (a staff key, or "system") set the status."""

    at: datetime
    actor: str
    status: Status


@dataclass(frozen=True, slots=True)
class TagsChanged:
    """``actor`` put tags on the conversation."""

    at: datetime
    actor: str
    add: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrioritySet:
    """``actor`` set the priority."""

    at: datetime
    actor: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class KindSet:
    """``actor`` said which kind of contact this is; conversations start as "inquiry"."""

    at: datetime
    actor: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Snoozed:
    """``actor`` put the conversation away until a later moment."""

    at: datetime
    actor: str
    until: datetime


@dataclass(frozen=True, slots=True)
class MarkedSpam:
    """``actor`` (a staff key, or "system") moved the conversation to the spam view."""

    at: datetime
    actor: str


Event: TypeAlias = (
    MailIn
    | Reply
    | NoteAdded
    | Assigned
    | StatusChanged
    | TagsChanged
    | PrioritySet
    | KindSet
    | Snoozed
    | MarkedSpam
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One matter: events in order of time, and the state they must lead to. ``customer`` is "" for spam.

    A customer's mail opens a waiting, held or solved conversation again; no event says so.
    """

    key: str
    brand: str
    inbox: str
    customer: str
    language: Language
    topic: str
    kind: Kind
    status: Status
    events: tuple[Event, ...]
    order: str = ""
    assignee: str = ""
    priority: Priority = "normal"
    spam: bool = False
    snoozed_until: datetime | None = None
    truth: str = ""

    @property
    def first(self) -> MailIn:
        """The mail that opened the conversation."""
        return next(event for event in self.events if isinstance(event, MailIn))

    @property
    def messages(self) -> tuple[MailIn | Reply, ...]:
        """The public thread."""
        return tuple(event for event in self.events if isinstance(event, MailIn | Reply))


@dataclass(frozen=True, slots=True)
class Story:
    """The demo company from ``since`` to ``until``; conversations in order of their first mail."""

    since: datetime
    until: datetime
    brands: tuple[Brand, ...]
    teams: tuple[Team, ...]
    inboxes: tuple[Inbox, ...]
    staff: tuple[Staff, ...]
    companies: tuple[Company, ...]
    customers: tuple[Customer, ...]
    orders: tuple[Order, ...]
    conversations: tuple[Conversation, ...]
    truths: dict[str, dict[str, object]] = field(default_factory=dict)

    def events(self) -> list[tuple[Conversation, Event]]:
        """Every event of every conversation in order of time, each with its conversation."""
        pairs = [(talk, event) for talk in self.conversations for event in talk.events]
        return sorted(pairs, key=lambda pair: pair[1].at)
