"""Writing a mail as a customer and handing it to the demo's mail server by SMTP."""

import smtplib
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from rapport.demo import post
from rapport.demo.mailboxes import keep, opened
from rapport.demo.models import CustomerMail
from rapport.inboxes.contract import Address
from rapport.kernel.clock import now

SECONDS = 20.0
LARGEST_FILE = 20 * 1024 * 1024


class NotSent(Exception):
    """The mail did not leave; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a customer writes."""

    sender: Address
    to: str
    subject: str
    text: str
    answers: CustomerMail | None = None
    file: tuple[str, str, bytes] | None = None
    """Name, content type and content."""


def send(letter: Letter) -> CustomerMail:
    """Send the mail and keep a copy in the customer's mailbox; raises ``NotSent``."""
    number = post.port()
    if number is None:
        raise NotSent("The demo's mail server has not started yet.")
    try:
        content = _compose(letter)
    except (MessageError, ValueError) as error:
        raise NotSent(f"This cannot be a mail: {error}") from None
    try:
        with smtplib.SMTP(post.HOST, number, timeout=SECONDS) as server:
            server.sendmail(letter.sender.value, [letter.to], content)
    except smtplib.SMTPRecipientsRefused as error:
        _code, said = error.recipients[letter.to]
        raise NotSent(f"The mail server refused it: {said.decode('utf-8', 'replace')}") from None
    except (smtplib.SMTPException, OSError):
        raise NotSent("The demo's mail server does not answer. Please try again in a moment.") from None
    return keep(letter.sender.value, content, sent=True)


def _compose(letter: Letter) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = HeaderAddress(letter.sender.name, addr_spec=letter.sender.value)
    message["To"] = letter.to
    message["Subject"] = " ".join(letter.subject.split())[:300]
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=letter.sender.value.rpartition("@")[2])
    words = letter.text.replace("\r\n", "\n").strip() + "\n"
    if letter.answers is not None:
        mail = opened(letter.answers)
        chain = [*mail.references, mail.message_id]
        message["In-Reply-To"] = f"<{mail.message_id}>"
        message["References"] = " ".join(f"<{each}>" for each in dict.fromkeys(chain[-20:]))
        quoted = "\n".join(f"> {line}".rstrip() for line in mail.text.strip().splitlines())
        words += f"\nOn {letter.answers.at:%d %B %Y at %H:%M}, {mail.from_name} wrote:\n\n{quoted}\n"
    message.set_content(words)
    if letter.file is not None:
        name, content_type, content = letter.file
        kind, _, subtype = content_type.partition("/")
        message.add_attachment(content, maintype=kind, subtype=subtype or "octet-stream", filename=name)
    return message.as_bytes()
