"""The mailboxes of the demo's customers: keeping mails, threads, and reading them safely."""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby

from rapport.channels.email.parse import Limits, ParsedMail, parse
from rapport.demo.models import CustomerMail
from rapport.kernel.clock import now
from rapport.kernel.text import sanitise
from rapport.kernel.text.paragraphs import paragraphs

LIMITS = Limits()
SHOWN_THREADS = 50


@dataclass(frozen=True)
class File:
    """A file of a mail; ``number`` counts from 0."""

    number: int
    name: str
    size: int


@dataclass(frozen=True)
class Letter:
    """One mail as its reader sees it. The HTML is sanitised."""

    pk: int
    sent: bool
    who: str
    at: datetime
    html: str
    quoted_html: str
    files: tuple[File, ...]


@dataclass(frozen=True)
class Thread:
    """One line of a mailbox: the newest mail of a thread, and how many there are."""

    pk: int
    subject: str
    other: str
    at: datetime
    count: int
    sent: bool


def keep(mailbox: str, content: bytes, *, sent: bool, at: datetime | None = None) -> CustomerMail:
    """Put a mail into a mailbox once, whatever its bytes; it came now where ``at`` does not say otherwise."""
    mail = parse(content, LIMITS)
    known = mail.message_id or f"{now():%Y%m%d%H%M%S%f}.{len(content)}"
    earlier = CustomerMail.objects.filter(
        mailbox=mailbox.lower(), message_id__in=[*mail.reply_ids, *mail.references][:50]
    )
    first = earlier.order_by("at", "pk").first()
    others = mail.to if sent else (mail.from_,)
    kept, _ = CustomerMail.objects.get_or_create(
        mailbox=mailbox.lower(),
        message_id=known[:500],
        defaults={
            "sent": sent,
            "thread": first.thread if first else known[:500],
            "subject": mail.subject[:500],
            "other": ", ".join(each.name or each.email for each in others)[:400],
            "at": at or now(),
            "content": content,
        },
    )
    return kept


def threads(mailbox: str) -> list[Thread]:
    """Return the newest threads of a mailbox, newest first."""
    rows = (
        CustomerMail.objects.filter(mailbox=mailbox.lower()).defer("content").order_by("thread", "at", "pk")
    )
    lines = []
    for _key, group in groupby(rows, key=lambda row: row.thread):
        mails = list(group)
        last = mails[-1]
        others = [mail.other for mail in mails if not mail.sent]
        lines.append(
            Thread(last.pk, mails[0].subject, (others or [last.other])[-1], last.at, len(mails), last.sent)
        )
    return sorted(lines, key=lambda line: line.at, reverse=True)[:SHOWN_THREADS]


def newest(mail: CustomerMail) -> CustomerMail:
    """Return the last mail of the thread that ``mail`` belongs to."""
    return CustomerMail.objects.filter(mailbox=mail.mailbox, thread=mail.thread).latest("at", "pk")


def letters(mail: CustomerMail) -> list[Letter]:
    """Return all mails of the thread that ``mail`` belongs to, oldest first."""
    thread = CustomerMail.objects.filter(mailbox=mail.mailbox, thread=mail.thread).order_by("at", "pk")
    return [_letter(each) for each in thread]


def opened(mail: CustomerMail) -> ParsedMail:
    """Return a kept mail, decoded."""
    return parse(bytes(mail.content), LIMITS)


def _letter(kept: CustomerMail) -> Letter:
    mail = opened(kept)
    # What is quoted is folded away only where the rest says something.
    quoted = paragraphs(mail.quoted) if mail.reply_text.strip() and mail.quoted.strip() else ""
    if quoted:
        signature = f"<p>{escape(mail.signature)}</p>".replace("\n", "<br>") if mail.signature else ""
        html = paragraphs(mail.reply_text) + signature
    else:
        html = sanitise.reading_form(mail.html) if mail.html else paragraphs(mail.text)
    files = tuple(File(number, file.name, len(file.content)) for number, file in enumerate(mail.attachments))
    who = mail.from_name if not kept.sent else (mail.from_.name or mail.from_email)
    return Letter(kept.pk, kept.sent, who, kept.at, html, quoted, files)
