"""Signatures: after "-- ", "Sent from my …", blocks of contact details, legal footers."""

import re

from rapport.kernel.text import marks, phrases

_DASHES = re.compile(r"\s{0,3}(?:--|- -|-- -|__)\s*$")
_URL = re.compile(r"https?://|www\.|<mailto:", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,200}\.\w{2,}")
_PHONE = re.compile(
    r"(?:\+|\(|\b0|\b\d{3}[-. ])[\d\s()./\-]{6,20}\d|\b(?:tel|phone|fon|fax|mob|mobil|mobile|cell|"
    r"tél|telefon|тел)\b\.?\s*:?",
    re.I,
)
_SOMEONE_MOBILE = re.compile(
    r"\S{1,40} (?:from|via) (?:my )?(?:mobile|phone|iphone|android)[\w ]{0,20}$", re.IGNORECASE
)
_WRAP = " \t*_<>([{)]}\"'“”|~-–—"
_MAX_SIGNATURE_LINES = 40
_MAX_BLOCK_LINES = 10


def find(lines: list[str], kinds: list[str], sender: str) -> None:
    """Mark signature lines with `s` in `kinds`; a line stays text when it may be the writer's own words."""
    _after_dashes(lines, kinds)
    _sent_with(lines, kinds)
    _after_rule(lines, kinds)
    _contact_block(lines, kinds, sender)


def is_sent_with(line: str) -> bool:
    """Whether a line is the advertisement of a device or program, as "Sent from my iPhone"."""
    text = line.strip(_WRAP).lower()
    if not 6 <= len(text) <= 300:
        return False
    if text.startswith(_SENT_WITH) and (len(text) < 60 or "http" in text or _names_device(text)):
        return text.startswith(_ALONE) or _names_device(text) or "http" in text or len(text.split()) <= 5
    if text.rstrip(".").endswith(_ENDINGS) and _names_device(text) and len(text) < 120:
        return True
    return bool(_SOMEONE_MOBILE.match(text))


_SENT_WITH = tuple(phrase for phrase in phrases.SENT_WITH if phrase)
_ALONE = (
    "get outlook for",
    "sent from my",
    "from my i",
    "发自我的",
    "从我的",
    "從我的",
    "provenance : courrier",
)
_ENDINGS = tuple(phrases.SENT_WITH_ENDINGS)
_DEVICES = re.compile(
    "|".join(re.escape(device) for device in sorted(set(phrases.DEVICES), key=len, reverse=True))
)


def _names_device(text: str) -> bool:
    return bool(_DEVICES.search(text))


def _text_before(kinds: list[str], place: int) -> bool:
    return "t" in kinds[:place]


def _last_texts(kinds: list[str]) -> list[int]:
    """The places that a signature may begin at: of longer texts only the last lines are looked at."""
    return [place for place, kind in enumerate(kinds) if kind == "t"][-_MAX_SIGNATURE_LINES - 1 :]


def _after_dashes(lines: list[str], kinds: list[str]) -> None:
    places = _last_texts(kinds)
    for number, place in enumerate(places):
        short = len(places) - number - 1 <= _MAX_BLOCK_LINES
        if _DASHES.match(lines[place]) and (short or lines[place].strip() != "__"):
            _sign(kinds, place)
            return


def _sign(kinds: list[str], start: int) -> None:
    for place in range(start, len(kinds)):
        if kinds[place] == "t":
            kinds[place] = "s"


def _sent_with(lines: list[str], kinds: list[str]) -> None:
    text_before = False
    for place, line in enumerate(lines):
        if kinds[place] != "t":
            continue
        if not line or not is_sent_with(line) or (len(line) > 80 and not _alone(lines, kinds, place)):
            text_before = True
        elif text_before and not _only_devices(lines, kinds, place):
            _quote_after(kinds, place)
            return
        else:
            kinds[place] = "s"


def _alone(lines: list[str], kinds: list[str], place: int) -> bool:
    return place == 0 or kinds[place - 1] != "t" or lines[place - 1].strip().endswith(("!", ".", ",", "?"))


def _only_devices(lines: list[str], kinds: list[str], place: int) -> bool:
    rest = (lines[later] for later in range(place + 1, len(lines)) if kinds[later] == "t")
    return is_sent_with(next(rest, ""))


def _quote_after(kinds: list[str], place: int) -> None:
    kinds[place] = "s"
    for later in range(place + 1, len(kinds)):
        if kinds[later] == "t":
            kinds[later] = "c"


def _after_rule(lines: list[str], kinds: list[str]) -> None:
    places = _last_texts(kinds)
    for number, place in enumerate(places):
        if not lines[place] or not marks.is_rule(lines[place]) or not _text_before(kinds, place):
            continue
        after = [lines[later] for later in places[number + 1 :]]
        if not after or (kinds[place - 1] == "e" and _looks_like_footer(after)):
            _sign(kinds, place)
            return


def _looks_like_footer(block: list[str]) -> bool:
    text = "\n".join(block)[:4000].lower()
    if any(phrase in text for phrase in phrases.DISCLAIMERS):
        return True
    contacts = sum(1 for line in block if _is_contact(line))
    return len(block) <= _MAX_BLOCK_LINES and contacts >= 1 and all(len(line) < 90 for line in block)


def _is_contact(line: str) -> bool:
    piece = line[:300]
    return bool(_EMAIL.search(piece) or _URL.search(piece) or _PHONE.search(piece))


def _contact_block(lines: list[str], kinds: list[str], sender: str) -> None:
    """Take the last paragraph for a signature: short lines with contact details or the sender's name."""
    last = max((place for place, kind in enumerate(kinds) if kind == "t"), default=-1)
    first = last
    while first > 0 and kinds[first - 1] == "t":
        first -= 1
    block = lines[first : last + 1]
    if first <= 0 or not _text_before(kinds, first) or not 2 <= len(block) <= _MAX_BLOCK_LINES:
        return
    if any(len(line) > 70 or line.rstrip().endswith(("?", "!", ":")) for line in block) or _is_contact(
        block[0]
    ):
        return
    contacts = sum(1 for line in block if _is_contact(line))
    named = bool(sender.strip()) and block[0].strip(_WRAP).lower().startswith(
        sender.strip().lower().split()[0]
    )
    if (contacts >= 2 and contacts * 2 >= len(block) - 1) or (named and contacts >= 1):
        for place in range(first, last + 1):
            kinds[place] = "s"
