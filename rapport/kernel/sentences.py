"""Sentences that are stored: a code with its values, said in the language of whoever reads them.

A package names its sentences in one table and registers it. What makes a sentence gets plain English, for the
log and the command line; what stores it calls ``kept``, and what shows it calls ``say``. Words that are no
sentence of ours (a mail server's, or those stored before there were codes) are kept and shown as they are.
"""

import json
from collections.abc import Mapping

from django.utils.translation import gettext

Value = str | int
_MARK = '{"code": '
_texts: dict[str, str] = {}


def gettext_noop(text: str) -> str:
    """Mark a text for the catalogues; unlike Django's, it asks for no settings."""
    return text


class Sentence(str):
    """English words that know which sentence they are. A value may be a sentence itself."""

    code: str
    values: Mapping[str, Value]

    def __new__(cls, code: str, text: str, values: Mapping[str, Value]) -> "Sentence":
        """Fill ``values`` into ``text``."""
        made = super().__new__(cls, text.format(**values))
        made.code, made.values = code, values
        return made


class Told(Exception):
    """An error whose ``reason`` is for people; ``str()`` would forget which sentence it is."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Sentences:
    """The sentences of one package by their codes."""

    def __init__(self, package: str, texts: Mapping[str, str]) -> None:
        self.texts = {f"{package}.{code}": text for code, text in texts.items()}
        self._package = package

    def __call__(self, code: str, **values: Value) -> Sentence:
        """Return a sentence in English; ``KeyError`` for a code without text."""
        whole = f"{self._package}.{code}"
        return Sentence(whole, self.texts[whole], values)


def register_sentences(sentences: Sentences) -> None:
    """Let stored sentences of a package be said again."""
    _texts.update(sentences.texts)


def kept(words: str, most: int) -> str:
    """Return what to store for ``words``, at most ``most`` characters; too long values are shortened."""
    if not isinstance(words, Sentence):
        # Words from outside must not pass for a sentence of ours.
        return (f" {words}" if words.startswith(_MARK) else words)[:most]
    longest = most
    while len(stored := json.dumps(_plain(words, longest), ensure_ascii=False)) > most:
        if longest == 0:
            return words[:most]
        longest = longest // 2
    return stored


def say(words: str) -> str:
    """Return a sentence, new or stored, in the active language; other words as they are."""
    return _said(words if isinstance(words, Sentence) else heard(words))


def heard(stored: str) -> str:
    """Return the sentence that was stored, to put it into another one; other words as they are."""
    if not stored.startswith(_MARK):
        return stored
    try:
        return _made(json.loads(stored))
    except (ValueError, KeyError, TypeError):
        return stored


def _plain(words: Sentence, longest: int) -> dict[str, object]:
    shortened = {
        name: _plain(value, longest)
        if isinstance(value, Sentence)
        else value[:longest]
        if isinstance(value, str)
        else value
        for name, value in words.values.items()
    }
    return {"code": words.code, **shortened}


def _made(plain: dict[str, object]) -> Sentence:
    values: dict[str, Value] = {
        name: _made(value) if isinstance(value, dict) else value if isinstance(value, int) else str(value)
        for name, value in plain.items()
        if name != "code"
    }
    code = str(plain["code"])
    return Sentence(code, _texts[code], values)


def _said(words: str) -> str:
    if not isinstance(words, Sentence):
        return words
    values = {n: _said(value) if isinstance(value, str) else value for n, value in words.values.items()}
    return gettext(_texts.get(words.code, str(words))).format(**values)
