"""A mail of the story as the bytes that a mail server would hand over."""

from __future__ import annotations

import base64
from email.header import Header
from email.utils import format_datetime, formataddr
from urllib.parse import quote

from rapport.demo.story.files import content
from rapport.demo.story.model import Attachment, MailIn

_PROGRAMS = {
    "iphone": "iPhone Mail (22F76)",
    "outlook": "Microsoft Outlook 16.0",
    "thunderbird": "Mozilla Thunderbird",
    "webmail": "Webmail",
}


def message_id(mail: MailIn) -> str:
    """The Message-ID of a customer's mail, with angle brackets."""
    return f"<{mail.key}.{mail.at:%Y%m%d%H%M%S}@{mail.from_address.rsplit('@', 1)[1]}>"


def _part(content_type: str, payload: bytes, *more: str) -> str:
    head = (f"Content-Type: {content_type}", *more, "Content-Transfer-Encoding: base64")
    return "\n".join(head) + f"\n\n{base64.encodebytes(payload).decode('ascii')}"


def _parts(kind: str, boundary: str, parts: list[str]) -> str:
    inside = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{inside}--{boundary}--\n'


def _body(mail: MailIn) -> str:
    """The words, and the files when there are any, from their Content-Type on."""
    words = _part('text/plain; charset="utf-8"', mail.text.encode())
    if mail.html:
        html = _part('text/html; charset="utf-8"', mail.html.encode())
        words = _parts("alternative", f"words-{mail.key}", [words, html])
    if not mail.files:
        return words
    return _parts("mixed", f"files-{mail.key}", [words, *(_file(file) for file in mail.files)])


def _file(file: Attachment) -> str:
    name = f'="{file.name}"' if file.name.isascii() else f"*=utf-8''{quote(file.name)}"
    return _part(file.content_type, content(file), f"Content-Disposition: attachment; filename{name}")


def raw(mail: MailIn, *, in_reply_to: str = "", references: tuple[str, ...] = ()) -> bytes:
    """The mail as RFC 5322 bytes; ``in_reply_to`` is the Message-ID of the Reply that it answers, if any.

    Written by hand: the library's generator takes as long for a mail as Rapport for reading it.
    """
    lines = [
        f"From: {formataddr((mail.from_name, mail.from_address))}",
        f"To: {mail.to}",
        f"Subject: {Header(mail.subject, None if mail.subject.isascii() else 'utf-8').encode()}",
        f"Date: {format_datetime(mail.at)}",
        f"Message-ID: {message_id(mail)}",
        "MIME-Version: 1.0",
    ]
    if mail.cc:
        lines.append(f"Cc: {', '.join(mail.cc)}")
    if in_reply_to:
        lines += [f"In-Reply-To: {in_reply_to}", "References: " + "\n ".join(references or (in_reply_to,))]
    if mail.client in _PROGRAMS:
        lines.append(f"X-Mailer: {_PROGRAMS[mail.client]}")
    return "\n".join([*lines, _body(mail)]).replace("\n", "\r\n").encode()
