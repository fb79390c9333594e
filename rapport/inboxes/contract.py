"""The contract between Rapport and a channel: what an adapter takes and gives.

An adapter parses raw bytes into messages and signals (pure), sends outgoing messages, gives hints for
threading (pure), and checks its own settings. It declares what its channel can carry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from rapport.inboxes.models import Inbox, RawInbound


@dataclass(frozen=True)
class Address:
    """A way to reach somebody: an address in its channel's own form, and the name shown with it."""

    value: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a channel can carry. Sizes in bytes; lengths in characters, 0 for no limit."""

    rich_text: bool = True
    subject: bool = True
    copies: bool = True
    attachment_bytes: int = 20 * 1024 * 1024
    attachments_bytes_total: int = 25 * 1024 * 1024
    length: int = 0
    typing: bool = False
    receipts: bool = False


@dataclass(frozen=True, kw_only=True)
class InboundFile:
    """A file that came with a message."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, kw_only=True)
class Hint:
    """One reason to think that a message belongs to a conversation.

    ``kind`` is ``token`` (our signed token: proof), ``own_id`` (a Message-ID we sent), ``foreign_id``
    (somebody else's Message-ID) or ``number`` (a number in the subject).
    """

    kind: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What an inbound step found, with the reason in words.

    ``kind``: duplicate, loop, bounce, complaint, automatic, list, spam, no_reply, blocked, refused.
    Of an ``automatic`` one ``details["sort"]`` says how that shows: ``reply`` (a machine answers),
    ``generated`` (a form or another system writes, maybe for a person), ``titled`` (only the subject is a
    program's) or ``guessed`` (the subject is like a program's).
    """

    kind: str
    reason: str
    details: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """One message from outside, in the terms of Rapport."""

    sender: Address
    customer: Address
    customer_rule: str
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    reply_text: str = ""
    quoted_text: str = ""
    signature_text: str = ""
    sent_at: datetime | None = None
    provider_id: str = ""
    files: tuple[InboundFile, ...] = ()
    hints: tuple[Hint, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    forwarded_from: Address | None = None
    authentic: bool | None = None
    """Whether the own mail server vouches for the sender; None where it says nothing."""
    relayed: bool = False
    """Whether a system that is ours, the inbox's form or group, sent it for the customer."""
    automatic: bool = False
    """Whether a machine wrote it, as far as can be seen: it is no answer of a person, and reopens nothing."""
    defects: tuple[str, ...] = ()
    language: str = ""

    @property
    def from_customer(self) -> bool:
        """Whether the sender is the customer; else another header, or the text, names whom to answer."""
        return self.sender.value.lower() == self.customer.value.lower()


@dataclass(frozen=True, kw_only=True)
class FailedRecipient:
    """An address that a bounce names."""

    address: str
    hard: bool
    code: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class InboundSignal:
    """Something that is no message: a bounce, a complaint report, a delivery receipt, a test of our own."""

    kind: str
    reason: str
    recipients: tuple[FailedRecipient, ...] = ()
    hints: tuple[Hint, ...] = ()
    sender: Address = Address("")
    subject: str = ""
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MailRefused:
    """A raw row that is kept but not read: over a limit, or not readable at all."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class OutgoingFile:
    """A file to send; ``content_id`` is set where the text shows it inline."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, kw_only=True)
class OutgoingMessage:
    """One message as its channel sends it. Built only by ``conversations/outgoing.py``."""

    identity: str
    """Stable across retries; for mail the Message-ID with its angle brackets."""
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    subject: str = ""
    text: str = ""
    html: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[OutgoingFile, ...] = ()
    written_at: datetime | None = None
    automatic: bool = False
    token: str = ""
    """Our signed reply token, for channels that can carry it in an address."""
    only: tuple[str, ...] = ()
    """On a retry: the recipients still to be reached; empty means all."""


@dataclass(frozen=True, kw_only=True)
class RecipientResult:
    """What the server said about one recipient."""

    address: str
    accepted: bool
    permanent: bool = False
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a channel says after sending: its own id of the message and a result per recipient."""

    provider_id: str = ""
    recipients: tuple[RecipientResult, ...] = ()


RETRY_SETTINGS_SECONDS: Final = 300
"""After which an adapter has a sending tried again that waits for a person to mend the settings."""


class SendError(Exception):
    """Sending failed as a whole. ``permanent`` errors are not tried again; ``retry_after`` is in seconds."""

    def __init__(self, reason: str, *, permanent: bool, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What "test connection" found wrong, in words, and the setting it is about."""

    setting: str
    words: str


class Channel(Protocol):
    """An adapter. Its module-level instance is registered once, in its ``AppConfig.ready()``."""

    kind: str
    label: str
    capabilities: Capabilities

    def parse(
        self, content: bytes, raw: "RawInbound"
    ) -> Sequence[InboundMessage | InboundSignal | MailRefused]:
        """Read raw bytes. Pure, repeatable, and raises nothing for any bytes."""
        ...

    def as_message(self, content: bytes, raw: "RawInbound") -> InboundMessage | None:
        """Read raw bytes as a message, whatever they report: a person says that they are one.

        None where no single message is in them, or none can be read. Pure, raises nothing.
        """
        ...

    def send(self, outgoing: OutgoingMessage, inbox: "Inbox") -> Receipt:
        """Hand one message to the world; raises ``SendError``."""
        ...

    def take_signal(self, signal: InboundSignal, raw: "RawInbound") -> bool:
        """Act on a signal that only the channel understands, in the transaction of its raw row.

        True where it was one; False for bounces, complaints and receipts.
        """
        ...

    def check(self, inbox: "Inbox") -> list[Problem]:
        """Try the inbox's settings for real and say in words what is wrong."""
        ...

    def new_identity(self, inbox: "Inbox") -> tuple[str, str]:
        """Return a fresh outgoing identity (for mail a Message-ID) and its reply token."""
        ...

    def verify_token(self, token: str) -> bool:
        """Tell whether a reply token is one of ours."""
        ...
