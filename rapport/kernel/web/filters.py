"""Filters that every template has: moments, sizes, initials, colours."""

import hashlib
import re
from datetime import datetime
from functools import lru_cache

from django.utils.formats import number_format
from markupsafe import Markup, escape

from rapport.kernel.web.moments import Moments

HUES = 12
"""How many avatar colours the style sheet knows."""
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_UNITS = ("B", "kB", "MB", "GB", "TB")


def time_tag(moment: datetime | None, style: str = "short") -> Markup:
    """Return a ``<time>`` element that the browser keeps fresh; ``style``: short, timed or full."""
    if moment is None:
        return Markup("")
    return Moments.here().titled(moment, full=style == "full", timed=style == "timed")


def file_size(size: int) -> str:
    """Return ``size`` in bytes as people say it: ``840 B``, ``12 kB``, ``3.4 MB`` (powers of 1000)."""
    value = float(size)
    unit = 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    digits = 1 if unit > 1 and value < 10 else 0
    number: str = number_format(round(value, digits), digits)
    return f"{number} {_UNITS[unit]}"


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Return one or two letters that stand for ``name``."""
    words = _WORD.findall(name.partition("@")[0])
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return str(letters.upper())


@lru_cache(maxsize=4096)
def hue(text: str) -> int:
    """Return a stable number from 0 to 11 for ``text``: its avatar colour."""
    return int.from_bytes(hashlib.blake2b(text.casefold().encode(), digest_size=2).digest()) % HUES


def lines(text: str) -> Markup:
    """Return plain ``text`` with its line breaks as ``<br>``, everything else escaped."""
    return Markup("<br>").join(escape(text).splitlines())
