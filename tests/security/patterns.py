"""Every regular expression of the product, read from its modules, and texts on which a bad one would hang."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import rapport

MEGABYTE = 1_000_000
# The demonstration, the configuration and the making of style sheets read our own words only.
NO_MODULES = ("tests", "migrations", "__main__", "demo", "assets", "config")
METHODS = ("match", "fullmatch", "search", "findall", "finditer", "split", "sub")
REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
LETTERS = {
    code.CATEGORY_DIGIT: "1",
    code.CATEGORY_SPACE: " ",
    code.CATEGORY_WORD: "a",
    code.CATEGORY_NOT_SPACE: "a",
    code.CATEGORY_NOT_WORD: "-",
    code.CATEGORY_NOT_DIGIT: "a",
}
PUMPS = (
    *("a", "1", " ", "\n", "-", "<", "a@", "a ", "--\n", "ä"),
    *(">", '"', "\\", "a.", "- ", "re:", "=?", "\t;a=", "漢"),
)


@dataclass(frozen=True)
class Found:
    """A pattern: where it stands, and by which methods its module uses it."""

    place: str
    pattern: "re.Pattern[Any]"
    methods: tuple[str, ...]


def all_patterns() -> list[Found]:
    """Return the compiled patterns of all modules, in containers too, and those written where used."""
    found: dict[tuple[Any, int], Found] = {}
    for module in _modules():
        source = module.__loader__.get_source(module.__name__) or ""
        for name, value in vars(module).items():
            for number, pattern in enumerate(_within(value)):
                used = tuple(each for each in METHODS if re.search(rf"\b{name}\.{each}\b", source))
                place = f"{module.__name__}.{name}" + (f"[{number}]" if pattern is not value else "")
                found.setdefault((pattern.pattern, pattern.flags), Found(place, pattern, used or ("search",)))
        for each in _written(module.__name__, source):
            found.setdefault((each.pattern.pattern, each.pattern.flags), each)
    return list(found.values())


def _modules() -> Iterator[Any]:
    for each in pkgutil.walk_packages(rapport.__path__, "rapport."):
        if not any(part in NO_MODULES for part in each.name.split(".")):
            yield importlib.import_module(each.name)


def _within(value: Any) -> Iterator["re.Pattern[Any]"]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _within(tuple(value.values()))
    elif type(value) in (tuple, list):
        for each in value:
            yield from _within(each)


def _written(place: str, source: str) -> Iterator[Found]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        owner, first = node.func.value, node.args[0]
        called = isinstance(owner, ast.Name) and owner.id == "re" and node.func.attr in METHODS
        if called and isinstance(first, ast.Constant):
            yield Found(f"{place}:{node.lineno}", re.compile(first.value), (node.func.attr,))


def attacks(pattern: "re.Pattern[Any]", length: int = MEGABYTE) -> Iterator[Any]:
    """Yield texts of ``length``: plain ones, and such as lead into a repetition and fail there."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(
        text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    )
    whole = _sample(tree)
    led = {(lead, pump) for lead, pump in _repetitions(tree, "") if pump}
    made = {("", pump) for pump in PUMPS[:5]} | led | {("", lead + pump * 3) for lead, pump in led}
    for lead, pump in sorted(made | {("", whole or "a"), ("", whole[:-1] or "a")}):
        full = (lead + pump * (length // len(pump)))[:length] + "\x00"
        yield full.encode("utf-8", "replace")[:length] if isinstance(pattern.pattern, bytes) else full


def _sample(tree: Any) -> str:
    return "".join(_letters(operator, given) for operator, given in tree)


def _letters(operator: Any, given: Any) -> str:
    if operator is code.LITERAL:
        return chr(given)
    if operator is code.NOT_LITERAL:
        return "a" if given != ord("a") else "b"
    if operator is code.ANY:
        return "a"
    if operator is code.IN:
        return _member(given)
    if operator is code.BRANCH:
        return _sample(given[1][0])
    if operator is code.SUBPATTERN:
        return _sample(given[3])
    if operator in REPEATS:
        return _sample(given[2]) * int(given[0])
    return ""


def _member(members: Any) -> str:
    refused = members[0][0] is code.NEGATE
    if refused:
        text = "[^" + "".join(chr(each) for kind, each in members if kind is code.LITERAL) + "]"
        return next((each for each in "a1 -.;" if each not in text), "~")
    kind, given = members[0]
    if kind is code.CATEGORY:
        return str(LETTERS.get(given, "a"))
    return chr(int(given[0] if kind is code.RANGE else given))


def _repetitions(tree: Any, lead: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before each repetition, and what it repeats."""
    for operator, given in tree:
        if operator in REPEATS:
            yield lead, _sample(given[2])
            yield from _repetitions(given[2], lead)
        elif operator is code.SUBPATTERN:
            yield from _repetitions(given[3], lead)
        elif operator is code.BRANCH:
            for branch in given[1]:
                yield from _repetitions(branch, lead)
        lead += _letters(operator, given)


class Watched:
    """Stands in a module in place of a pattern, does what that does, and notes the longest text given."""

    def __init__(self, pattern: "re.Pattern[Any]", longest: dict[tuple[Any, int], int]) -> None:
        self._pattern, self._longest = pattern, longest

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._pattern, name)
        return self._noting(act, name == "sub") if name in METHODS else act

    def _noting(self, act: Any, replaces: bool) -> Any:
        def called(*given: Any, **options: Any) -> Any:
            key = (self._pattern.pattern, self._pattern.flags)
            text, *span = given[1:2] if replaces else given
            length = span[1] - span[0] if len(span) > 1 else len(text)
            self._longest[key] = max(self._longest.get(key, 0), length)
            return act(*given, **options)

        return called


def watch(monkeypatch: Any, longest: dict[tuple[Any, int], int]) -> None:
    """Put a `Watched` in place of every pattern that is a module's own."""
    for module in _modules():
        for name, value in list(vars(module).items()):
            if isinstance(value, re.Pattern):
                monkeypatch.setattr(module, name, Watched(value, longest))
