"""A mail of the story as the bytes that a mail server would hand over."""

from __future__ import annotations

from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr

from rapport.demo.story.files import content
from rapport.demo.story.model import MailIn

_PROGRAMS = {
    "iphone": "iPhone Mail (22F76)",
    "outlook": "Microsoft Outlook 16.0",
    "thunderbird": "Mozilla Thunderbird",
    "webmail": "Webmail",
}


def message_id(mail: MailIn) -> str:
    """The Message-ID of a customer's mail, with angle brackets."""
    return f"<{mail.key}.{mail.at:%Y%m%d%H%M%S}@{mail.from_address.rsplit('@', 1)[1]}>"


def _body(mail: MailIn) -> Message:
    """The words, and the files when there are any."""
    words: Message = MIMEText(mail.text, "plain", "utf-8")
    if mail.html:
        both = MIMEMultipart("alternative")
        both.attach(words)
        both.attach(MIMEText(mail.html, "html", "utf-8"))
        words = both
    if not mail.files:
        return words
    mixed = MIMEMultipart("mixed")
    mixed.attach(words)
    for file in mail.files:
        part = MIMEBase(*file.content_type.split("/"))
        part.set_payload(content(file))
        part.add_header("Content-Disposition", "attachment", filename=file.name)
        encode_base64(part)
        mixed.attach(part)
    return mixed


def raw(mail: MailIn, *, in_reply_to: str = "", references: tuple[str, ...] = ()) -> bytes:
    """The mail as RFC 5322 bytes; ``in_reply_to`` is the Message-ID of the Reply that it answers, if any."""
    message = _body(mail)
    message["From"] = formataddr((mail.from_name, mail.from_address))
    message["To"] = mail.to
    if mail.cc:
        message["Cc"] = ", ".join(mail.cc)
    message["Subject"] = Header(mail.subject, None if mail.subject.isascii() else "utf-8").encode()
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = message_id(mail)
    if in_reply_to:
        message["In-Reply-To"] = in_reply_to
        message["References"] = " ".join(references or (in_reply_to,))
    if mail.client in _PROGRAMS:
        message["X-Mailer"] = _PROGRAMS[mail.client]
    return message.as_bytes().replace(b"\n", b"\r\n")
