"""Places in a text that are filled in later, such as ``{agent.name}``. Pure."""

import re
from collections.abc import Container

_LOOKS_LIKE_ONE = re.compile(r"\{\s*[A-Za-z][\w. ]{0,60}\}?")


def strange_place(text: str, known: Container[str]) -> str:
    """Return the first thing that looks like a place and is none of the known; empty where all is well."""
    found = (match[0] for match in _LOOKS_LIKE_ONE.finditer(text))
    return next((each for each in found if not (each.endswith("}") and each[1:-1] in known)), "")
