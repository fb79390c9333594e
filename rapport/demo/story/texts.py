"""Templates: ``{a|b}`` is chosen by chance, ``[m|f]`` by gender, ``$slot`` filled, ``¶`` a blank line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

WORDS = Path(__file__).parent / "words"
Node: TypeAlias = "str | tuple[str, Any]"
_TOKEN = re.compile(r"[{}|\[\]]|\$[a-z_]+|[^{}|\[\]$]+|\$")
_GAPS = re.compile(r" +(?=\n|$)|(?<=\S) {2,}")
_CLOSING = {"{": "}", "[": "]"}


@cache
def load(name: str) -> dict[str, Any]:
    """A file of words, read once."""
    with (WORDS / f"{name}.toml").open("rb") as source:
        return tomllib.load(source)


@cache
def topics(language: str) -> dict[str, dict[str, list[str]]]:
    """Every topic's texts in a language, from all its files."""
    found: dict[str, dict[str, list[str]]] = {}
    for path in sorted(WORDS.glob(f"{language}_topics*.toml")):
        found.update(load(path.stem))
    return found


def _sequence(tokens: list[str], position: int, closing: str) -> tuple[list[list[Node]], int]:
    """Alternatives up to ``closing``; raises ValueError when it is missing."""
    alternatives: list[list[Node]] = [[]]
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token == closing:
            return alternatives, position
        if token == "|" and closing:
            alternatives.append([])
        elif token in _CLOSING:
            inner, position = _sequence(tokens, position, _CLOSING[token])
            alternatives[-1].append((token, inner))
        elif token[0] == "$" and len(token) > 1:
            alternatives[-1].append(("$", token[1:]))
        else:
            alternatives[-1].append(token)
    if closing:
        raise ValueError(f"missing {closing}: {''.join(tokens)[:80]}")
    return alternatives, position


@cache
def _compiled(template: str) -> list[Node]:
    tokens: list[str] = _TOKEN.findall(template.replace(" ¶ ", "¶").replace("¶", "\n\n"))
    return _sequence(tokens, 0, "")[0][0]


def _walk(nodes: list[Node], rng: Random, slots: Mapping[str, str], gender: str, out: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
        elif node[0] == "$":
            out.append(slots[node[1]])
        elif node[0] == "{":
            _walk(rng.choice(node[1]), rng, slots, gender, out)
        else:
            _walk(node[1][0 if gender == "m" else -1], rng, slots, gender, out)


def render(template: str, rng: Random, slots: Mapping[str, str], gender: str = "m") -> str:
    """The template as text; raises KeyError for an unknown slot, ValueError for an unclosed choice."""
    out: list[str] = []
    _walk(_compiled(template), rng, slots, gender, out)
    return _GAPS.sub(" ", "".join(out)).replace(" \n", "\n").strip(" ")


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
