"""Turning what an agent typed or a customer sent into stored words."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from rapport.inboxes.contract import InboundMessage
from rapport.kernel.text import extract, sanitise
from rapport.kernel.text.paragraphs import paragraphs, without_quotes
from rapport.kernel.text.signed_html import part_signature

PREVIEW_LENGTH = 160
_UPLOAD = re.compile(r"(?:https?://[^/]+)?/files/(\d{1,18})/")
_INLINE = re.compile(r"cid:rapport-(\d{1,18})")


@dataclass(frozen=True)
class Wording:
    """Sanitised HTML and the same as plain text."""

    html: str
    text: str


@dataclass(frozen=True)
class Folded:
    """A customer's words, with what was quoted and signed apart from what they wrote now."""

    html: str
    text: str
    quoted_html: str = ""
    signature_html: str = ""
    remote_images: bool = False

    @property
    def signed_html(self) -> str:
        """What was written, with the signature beneath it."""
        return self.html + self.signature_html


def written(html: str) -> Wording:
    """Return the stored form of HTML that came from the composer; uploaded images become ``cid:`` ones."""
    clean = sanitise.reading_form(html, image=_own_image)
    return Wording(html=clean, text=extract.text_of(clean).strip())


def inline_ids(html: str) -> list[int]:
    """Return the ids of the uploads that stored HTML shows inline."""
    return [int(match) for match in _INLINE.findall(html)]


def readable(inbound: InboundMessage, image: sanitise.ImageSource | None = None) -> Folded:
    """Return the reading form of an incoming message: their words now, the quote and the signature folded.

    HTML is kept where its own marks agree with the folded text; else the plain text is what people read. The
    whole original stays one click away. Images from elsewhere are left out unless ``image`` shows them.
    """
    reply = inbound.reply_text.strip()
    remote = _Remote()
    shown = _shown(inbound, reply, image or remote)
    return Folded(
        html=shown.html,
        text=reply or inbound.text.strip(),
        quoted_html=paragraphs(inbound.quoted_text),
        signature_html=shown.signature_html,
        remote_images=shown.formatted and remote.seen,
    )


class _Shown(NamedTuple):
    """What people read of a message; ``formatted`` where it is the HTML of the mail."""

    html: str
    signature_html: str = ""
    formatted: bool = False


class _Remote:
    """Leaves images from elsewhere out, and remembers that there were some."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, source: str) -> str | None:
        if source.lower().startswith(("http:", "https:")):
            self.seen = True
            return None
        return source


def _own_image(source: str) -> str | None:
    upload = _UPLOAD.match(source)
    if upload:
        return f"cid:rapport-{upload[1]}"
    return source if source.startswith("cid:") else None


def _shown(inbound: InboundMessage, reply: str, image: sanitise.ImageSource) -> _Shown:
    if not inbound.html:
        return _plain(inbound, reply)
    folded = inbound.html if not inbound.quoted_text else without_quotes(inbound.html)
    clean = sanitise.reading_form(folded, image=image)
    words, written_now = extract.words_in(clean), len(reply.split())
    expected = written_now + len(inbound.signature_text.split())
    if reply and abs(words - expected) > max(6, expected // 5):
        return _plain(inbound, reply)
    if words <= written_now:
        return _Shown(clean, paragraphs(inbound.signature_text), formatted=True)
    html, signature = (part_signature(clean, inbound.signature_text) if reply else None) or (clean, "")
    return _Shown(html, signature, formatted=True)


def _plain(inbound: InboundMessage, reply: str) -> _Shown:
    return _Shown(paragraphs(reply or inbound.text), paragraphs(inbound.signature_text) if reply else "")


def preview_of(text: str) -> str:
    """Return the first words for lists, on one line."""
    return " ".join(text[: PREVIEW_LENGTH * 3].split())[:PREVIEW_LENGTH]
