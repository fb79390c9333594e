"""The lines by which mail programs introduce what they quote: separators, header blocks, "On … wrote:"."""

import re
from collections.abc import Sequence

from rapport.kernel.text import phrases

_MAX_INTRODUCTION = 420
_MAX_INTRODUCTION_LINES = 4
_STARTS = tuple(sorted((start + " " for start in phrases.STARTS), key=len, reverse=True))
_VERB = re.compile(
    r"(?<!\w)(?:"
    + "|".join(re.escape(verb) for verb in sorted(phrases.VERBS, key=len, reverse=True))
    + r")(?!\w)",
    re.IGNORECASE,
)
_WIDE_VERB = re.compile(r"写道|寫道|のメール|書きました|작성|씀|쓴 글|เขียน|כתב")
_LAST_WORDS = frozenset(verb.split()[-1] for verb in phrases.VERBS)
_EMAIL = re.compile(r"[^\s<>@\"']{1,100}@[^\s<>@\"']{1,200}")
_DATE = re.compile(
    r"\d{1,2}\s?[:.h時시点點]\s?\d{2}|\d{4}[年./\-]|\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}|(?:19|20)\d{2}|"
    r"\d{1,2}\.? \w{3,}"
)
_FULL_DATE = re.compile(
    r"(?:19|20)\d{2}|\d{1,2}[./\-]\d{1,2}|\d{1,2}[:.h時]\d{2}|[年月]|\w{3,} \d{1,2},|"
    r"\d{1,2}\.? \w{3,9}\.?,? ?$"
)
_STARTS_WITH_DATE = re.compile(r"(?:\w{2,5}[.,] ?)?\d{1,4}\D|\d")
_ENDS_WITH_ADDRESS = re.compile(r"<?[^\s<>@\"']{1,100}@[^\s<>@\"']{1,200}>?\)?\s*[:：]$")
_RULED = re.compile(
    r"[\s>*|]*(?:[-_=~*—–]{2,}|\*\*|##?-)\s*([^\n]{3,90}?)\s*(?:[-_=~*—–]{2,}|-##?|:?)[\s*]*$"
)
_RULE = re.compile(r"[\s>*|]*(?:[-_=~*—–─━]\s?){3,}[\s|]*$")
_QUOTED = re.compile(r"\s{0,4}(?:>|&gt;|\|\s|｜|»)")
_FACE = re.compile(r"\s{0,4}>[:;.]?[-_'^o]{0,2}[()<_DPO]")
_LABEL = re.compile(
    r"[\s>*_|#]{0,20}([^\s:：*_|][^:：*_|]{0,28}?)\s?[*_]{0,3}\s?[:：][*_]{0,3}\s*(.*)$", re.DOTALL
)
_SECOND_LABEL = re.compile(r"(?<=\s)([^\s:：]{2,14}) ?[:：]")


def is_quoted(line: str) -> bool:
    """Whether the line carries a quotation mark such as `> `."""
    return bool(_QUOTED.match(line)) and not _FACE.match(line)


def is_rule(line: str) -> bool:
    """Whether the line is only a drawn rule."""
    return len(line) < 200 and bool(_RULE.match(line))


def is_separator(line: str) -> bool:
    """Whether the line says "original message", "forwarded message" or "reply above this line"."""
    if len(line) > 160:
        return False
    text = line.strip(" \t>*|").lower()
    if text[:1] not in _RULE_SIGNS and not text.startswith(_SEPARATOR_STARTS):
        return False
    if any(phrase in text for phrase in phrases.ABOVE_THIS_LINE):
        return True
    if text.rstrip(" :：*") in _BEGINNINGS:
        return True
    found = _RULED.match(line)
    return found is not None and (_is_named(found[1], _ORIGINALS) or _is_introduction(found[1]))


def is_forward_separator(line: str) -> bool:
    """Whether the line says "forwarded message" in some language."""
    if len(line) > 160:
        return False
    text = line.strip(" \t>*|").lower()
    if text[:1] not in _RULE_SIGNS and not text.startswith(_SEPARATOR_STARTS):
        return False
    if text.rstrip(" :：*") in _BEGINNINGS:
        return True
    found = _RULED.match(line)
    return found is not None and _is_named(found[1], phrases.FORWARDED_MESSAGE)


_RULE_SIGNS = frozenset("-_=~—–#[(")
_SEPARATOR_STARTS = (*phrases.FORWARDED_MESSAGE, *phrases.ABOVE_THIS_LINE)
_ORIGINALS = (*phrases.ORIGINAL_MESSAGE, *phrases.FORWARDED_MESSAGE)
_BEGINNINGS = frozenset(phrases.FORWARDED_MESSAGE)


def _is_named(text: str, names: Sequence[str]) -> bool:
    words = text.lower().strip(" *:：[]()|")
    return any(words.startswith(name) or words == name for name in names)


def _is_introduction(text: str) -> bool:
    return bool(_EMAIL.search(text) and _DATE.search(text) and _VERB.search(text))


def header_label(line: str) -> tuple[str, str] | None:
    """Return the kind and value of the header that a line like "**Von:** Anna" shows, or None."""
    if ":" not in line[:50] and "：" not in line[:50]:
        return None
    found = _LABEL.match(line[:600])
    if not found:
        return None
    kind = phrases.HEADER_LABELS.get(found[1].strip(" \t*_").lower())
    return (kind, found[2].strip(" *_")) if kind else None


def header_block(lines: Sequence[str], number: int) -> bool:
    """Whether a block of quoted headers (From, Sent, To, Subject) starts at this line."""
    first = header_label(lines[number])
    if first is None or first[0] in (phrases.COPY, phrases.REPLY_TO):
        return False
    kinds, blanks = {first[0]}, 0
    block = [lines[number]]
    for line in lines[number + 1 : number + 12]:
        if not line.strip(" >*"):
            blanks += 1
            if blanks > 2 or len(kinds) >= 4:
                break
            continue
        found = header_label(line)
        if found:
            kinds.add(found[0])
            blanks = 0
            block.append(line)
        elif blanks or len(line) > 400:
            break
        for more in _SECOND_LABEL.findall(line[:400]):
            kind = phrases.HEADER_LABELS.get(more.lower())
            if kind and found:
                kinds.add(kind)
    return _is_header_set(kinds, "\n".join(block))


def _is_header_set(kinds: set[str], block: str) -> bool:
    if phrases.FROM not in kinds:
        return {phrases.SENT, phrases.TO, phrases.SUBJECT} <= kinds and "@" in block
    others = kinds & {phrases.SENT, phrases.TO, phrases.SUBJECT}
    if phrases.SUBJECT in others and len(others) >= 2:
        return True
    return bool(others) and "@" in block and (phrases.SUBJECT in others or len(others) >= 2)


def introduction(lines: Sequence[str], number: int) -> int:
    """Return how many lines an introduction like "On …, Anna wrote:" takes from here; 0 for none."""
    first = lines[number].strip()
    lowered = first.lower().lstrip("<\"'“„«[(*\u202a\u200f\u200e ")
    starts = lowered.startswith(_STARTS) or bool(_STARTS_WITH_DATE.match(lowered))
    text = ""
    for count in range(_MAX_INTRODUCTION_LINES if starts else 2):
        if number + count >= len(lines):
            return 0
        line = lines[number + count].strip()
        if not line or len(text) + len(line) > _MAX_INTRODUCTION:
            return 0
        if count and is_quoted(line) and not _closes(line):
            return 0
        text = f"{text} {line.lstrip('> ')}" if text else line
        if may_end(line) and _introduces(text, lowered, starts):
            if (
                count
                and not _dated(first)
                and any(introduction(lines, number + later) for later in range(1, count + 1))
            ):
                return 0
            return count + 1
    return 0


def _dated(line: str) -> bool:
    return bool(_FULL_DATE.search(line)) or "@" in line


def _closes(line: str) -> bool:
    bare = line.strip("> :：")
    return len(line) < 60 and line[-1] in ":：" and (not bare or bool(_VERB.search(bare)))


def may_end(line: str) -> bool:
    """Whether an introduction may end with this line: a colon, or a verb such as "wrote"."""
    bare = line.rstrip(" *_>-\u200e\u200f")
    if not bare:
        return False
    return (
        bare[-1] in ":：" or bare.rpartition(" ")[2].lower() in _LAST_WORDS or bare.endswith(("写道", "寫道"))
    )


def _introduces(text: str, lowered: str, starts: bool) -> bool:
    bare = text.rstrip(" *_>-\u200e\u200f")
    address = bool(_EMAIL.search(bare))
    date = bool(_DATE.search(bare))
    colon = bare[-1] in ":："
    if colon and lowered.startswith(phrases.QUOTING_WITHOUT_VERB):
        return address or len(bare) < 100
    if _VERB.search(bare) or _WIDE_VERB.search(bare):
        if colon:
            return (starts and (date or address)) or (date and address)
        return starts and address and date
    return colon and starts and date and bool(_ENDS_WITH_ADDRESS.search(bare[-330:]))
