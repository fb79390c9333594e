"""From an outgoing message to the bytes of a mail. Pure.

Encodings (RFC 2047, 2231, 6532) are the standard library's. No value can add a header: line breaks are taken
out before it becomes one.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from email.headerregistry import Address as MailAddress
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy

from rapport.channels.email.sentences import sentence
from rapport.inboxes.contract import Address, OutgoingFile, OutgoingMessage
from rapport.kernel.sentences import Told

INSTANCE_HEADER = "X-Rapport-Instance"
MOST_REFERENCES = 50
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_UNSAFE_IN_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,200}")
_CONTENT_TYPE = re.compile(
    r"(application|audio|font|image|model|text|video)/([a-z0-9][a-z0-9.+-]{0,80})", re.I
)
_IDS = ("message-id", "in-reply-to", "references")


class Unsendable(Told):
    """The message cannot become a mail; ``reason`` says why."""


class _Policy(EmailPolicy):
    """SMTP's policy that folds between ids: the library would take a long id apart (RFC 5322 §3.6.4)."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() in _IDS:
            return f"{name}: " + f"{self.linesep} ".join(str(value).split()) + self.linesep
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _IDS:
            return self.fold(name, value).encode("ascii", "replace")
        return super().fold_binary(name, value)


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in _IDS:
        registry.map_to_type(name, UnstructuredHeader)  # type: ignore[arg-type]
    return registry


_ASCII = _Policy(linesep="\r\n", cte_type="7bit", header_factory=_registry(), raise_on_defect=False)
_UTF8 = _ASCII.clone(utf8=True)


def compose(outgoing: OutgoingMessage, *, now: datetime, instance: str) -> bytes:
    """Return the mail: text, HTML beside it with its inline images, files; never a Bcc header.

    Args:
        outgoing: What to send; ``identity`` becomes the Message-ID as it is.
        now: The moment for ``Date`` where the message has none of its own.
        instance: Names this installation in ``X-Rapport-Instance``, by which it knows its own mail again.

    Raises:
        Unsendable: an address or the identity is not one.

    """
    mail = EmailMessage(policy=_UTF8 if needs_utf8(outgoing) else _ASCII)
    _set_headers(mail, outgoing, now=now, instance=instance)
    _set_content(mail, outgoing)
    return mail.as_bytes()


def needs_utf8(outgoing: OutgoingMessage) -> bool:
    """Tell whether a local part is beyond ASCII, so that the server must offer SMTPUTF8 (RFC 6531)."""
    everybody = [outgoing.sender, *outgoing.to, *outgoing.cc, *outgoing.bcc]
    everybody += [outgoing.reply_to] if outgoing.reply_to else []
    return any(not each.value.rpartition("@")[0].isascii() for each in everybody)


def wire_address(address: str) -> str:
    """Return an address as SMTP takes it: its domain in ASCII (IDNA), no control character.

    Raises:
        Unsendable: it is no address.

    """
    local, at, domain = address.strip().rpartition("@")
    if (
        not at
        or not local
        or not domain
        or _CONTROLS.search(address)
        or re.search(r"[\s<>,;\"]", address.strip())
    ):
        raise Unsendable(sentence("no_address", address=clean(address)))
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        raise Unsendable(sentence("no_address", address=clean(address))) from None


def clean(words: str) -> str:
    """Return words as one line, fit for a header."""
    return _CONTROLS.sub(" ", words).strip()


def _set_headers(mail: EmailMessage, outgoing: OutgoingMessage, *, now: datetime, instance: str) -> None:
    if not _MESSAGE_ID.fullmatch(outgoing.identity):
        raise Unsendable(sentence("no_message_id"))
    mail["From"] = _mailbox(outgoing.sender)
    if outgoing.to:
        mail["To"] = _mailboxes(outgoing.to)
    if outgoing.cc:
        mail["Cc"] = _mailboxes(outgoing.cc)
    if not outgoing.to and not outgoing.cc:
        mail["To"] = "undisclosed-recipients:;"
    if outgoing.reply_to:
        mail["Reply-To"] = _mailbox(outgoing.reply_to)
    mail["Subject"] = clean(outgoing.subject)
    mail["Date"] = outgoing.written_at or now
    mail["Message-ID"] = outgoing.identity
    if _MESSAGE_ID.fullmatch(outgoing.in_reply_to):
        mail["In-Reply-To"] = outgoing.in_reply_to
    if references := _references(outgoing.references):
        mail["References"] = " ".join(references)
    mail[INSTANCE_HEADER] = clean(instance)
    if outgoing.automatic:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"


def _references(ids: Iterable[str]) -> list[str]:
    usable = list(dict.fromkeys(each for each in ids if _MESSAGE_ID.fullmatch(each)))
    return usable if len(usable) <= MOST_REFERENCES else [usable[0], *usable[1 - MOST_REFERENCES :]]


def _mailbox(address: Address) -> MailAddress:
    local, _, domain = wire_address(address.value).rpartition("@")
    return MailAddress(display_name=clean(address.name), username=local, domain=domain)


def _mailboxes(addresses: Iterable[Address]) -> tuple[MailAddress, ...]:
    return tuple(_mailbox(each) for each in addresses)


def _set_content(mail: EmailMessage, outgoing: OutgoingMessage) -> None:
    text = _UNSAFE_IN_TEXT.sub("\ufffd", outgoing.text)
    html = _UNSAFE_IN_TEXT.sub("\ufffd", outgoing.html)
    mail.set_content(text)
    shown = [each for each in outgoing.files if html and _is_shown(each, html)]
    if html:
        mail.add_alternative(html, subtype="html")
        page = mail.get_payload()[1]  # type: ignore[index]
        for each in shown:
            maintype, subtype = _content_type(each)
            page.add_related(  # type: ignore[union-attr]
                each.content,
                maintype=maintype,
                subtype=subtype,
                cid=f"<{each.content_id}>",
                disposition="inline",
                filename=clean(each.name) or "image",
            )
    for each in outgoing.files:
        if each not in shown:
            maintype, subtype = _content_type(each)
            mail.add_attachment(
                each.content, maintype=maintype, subtype=subtype, filename=clean(each.name) or "file"
            )


def _is_shown(file: OutgoingFile, html: str) -> bool:
    return bool(_CONTENT_ID.fullmatch(file.content_id)) and f"cid:{file.content_id}" in html


def _content_type(file: OutgoingFile) -> tuple[str, str]:
    # A mail inside a mail may not be base64 (RFC 2046 §5.2.1); as octets it arrives byte for byte.
    found = _CONTENT_TYPE.fullmatch(file.content_type.partition(";")[0].strip())
    return (found[1].lower(), found[2].lower()) if found else ("application", "octet-stream")
