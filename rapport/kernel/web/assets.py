"""Style sheets and icons under addresses that change with their content, without a build step.

The style sheets of all applications are joined into one answer at the first request. Every address carries a
digest of the content, so browsers may keep it for ever. Scripts are in `modules`.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags import static as django_static
from django.urls import reverse

DIGEST_LENGTH = 8
_URL = re.compile(r"""url\(["']?([^"')]+)["']?\)""")
_stylesheets: list[str] = []


@dataclass(frozen=True)
class Stylesheet:
    """All style sheets joined: bytes as they are and gzipped, and the digest in the address."""

    content: bytes
    packed: bytes
    digest: str


def register_stylesheets(*paths: str) -> None:
    """Append static ``paths`` to the style sheet of every page, in this order; for ``AppConfig.ready``."""
    _stylesheets.extend(path for path in paths if path not in _stylesheets)


@lru_cache(maxsize=512)
def _digest(path: str) -> str:
    file = finders.find(path)
    if not file:
        return ""
    return hashlib.sha256(Path(str(file)).read_bytes()).hexdigest()[:DIGEST_LENGTH]


def static(path: str) -> str:
    """Return the address of the static file ``path`` with the digest of its content."""
    if settings.DEBUG:
        _digest.cache_clear()
        _address.cache_clear()
    return _address(path)


@lru_cache(maxsize=512)
def _address(path: str) -> str:
    digest = _digest(path)
    address = django_static.static(path)
    return f"{address}?v={digest}" if digest else address


def _absolute(sheet: str, text: str) -> str:
    folder = Path(sheet).parent

    def replace(match: re.Match[str]) -> str:
        target = match[1]
        if target.startswith(("data:", "#", "/")):
            return match[0]
        parts: list[str] = []
        for part in (folder / target).parts:
            if part == "..":
                parts.pop()
            else:
                parts.append(part)
        return f'url("{static("/".join(parts))}")'

    return _URL.sub(replace, text)


@lru_cache(maxsize=1)
def _join() -> Stylesheet:
    parts = []
    for path in _stylesheets:
        file = finders.find(path)
        if not file:
            raise FileNotFoundError(f"registered style sheet {path} does not exist")
        parts.append(_absolute(path, Path(str(file)).read_text("utf-8")))
    content = "\n".join(parts).encode()
    digest = hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]
    return Stylesheet(content, gzip.compress(content, mtime=0), digest)


def stylesheet() -> Stylesheet:
    """Return the joined style sheet; in debug mode it is read anew each time."""
    if settings.DEBUG:
        _join.cache_clear()
    return _join()


def stylesheet_url() -> str:
    """Return the address of the joined style sheet."""
    return reverse("web:stylesheet", args=[stylesheet().digest])
