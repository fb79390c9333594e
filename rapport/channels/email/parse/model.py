"""What a parsed mail is: plain frozen values, no behaviour beyond look-ups."""

from dataclasses import dataclass, field
from datetime import datetime

from rapport.channels.email.parse.headers import Headers


class OverLimit(ValueError):
    """A mail over one of the `Limits`; `code` is short and stable, `reason` a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one mail may hold before it is refused (sizes in bytes)."""

    max_size: int = 50 * 1024 * 1024
    max_parts: int = 1000
    max_depth: int = 64
    max_header_size: int = 256 * 1024
    max_header_length: int = 256 * 1024
    max_recipients: int = 1000
    max_text: int = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox as written in a header: display name (may be empty) and address."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail; `inline` is true when the HTML part shows it by its Content-ID."""

    name: str
    type: str
    size: int
    sha256: str
    content: bytes = field(repr=False)
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class AuthenticationResult:
    """One method's result (RFC 8601), and the domain in From that it is about, where the server says so."""

    method: str
    result: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail, decoded. Message-IDs are without angle brackets; texts use `\\n` and are valid UTF-8.

    `text` is the whole plain text (converted from HTML when there is no plain part), `html` the HTML as sent
    (not sanitised), `reply_text`, `signature` and `quoted` the folded parts of it. `customer` is the person
    the mail is from, `customer_rule` the rule that decided it; `forwarded_from` is an offer, never applied.
    """

    headers: Headers
    message_id: str
    in_reply_to: str
    reply_ids: tuple[str, ...]
    references: tuple[str, ...]
    date: datetime | None
    subject: str
    from_: Address
    reply_to: tuple[Address, ...]
    sender: Address
    customer: Address
    customer_rule: str
    forwarded_from: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    text: str
    html: str
    reply_text: str
    signature: str
    quoted: str
    attachments: tuple[Attachment, ...]
    calendars: tuple[str, ...]
    parts: "tuple[tuple[str, bytes], ...]" = field(repr=False)
    defects: tuple[str, ...] = ()

    @property
    def from_name(self) -> str:
        """The display name of From, or the local part of its address."""
        return self.from_.name or self.from_.email.partition("@")[0]

    @property
    def from_email(self) -> str:
        """The address of From, or an empty string."""
        return self.from_.email

    @property
    def customer_email(self) -> str:
        """The address of the person that the mail is from, or an empty string."""
        return self.customer.email

    @property
    def customer_name(self) -> str:
        """The display name of the customer, or the local part of the address."""
        return self.customer.name or self.customer.email.partition("@")[0]

    @property
    def has_tnef(self) -> bool:
        """Whether Outlook packed the mail's files into a winmail.dat, which is named but not read."""
        return any(
            file.type in ("application/ms-tnef", "application/vnd.ms-tnef") for file in self.attachments
        )

    def header(self, name: str) -> str:
        """The first header of that name, decoded, or an empty string."""
        return self.headers.get(name)

    def all(self, name: str) -> list[str]:
        """Every header of that name, decoded, from top to bottom."""
        return self.headers.all(name)

    @property
    def received_count(self) -> int:
        """How many hosts say that they passed the mail on."""
        return self.headers.count("received")

    @property
    def recipients(self) -> tuple[Address, ...]:
        """To and Cc together."""
        return self.to + self.cc
