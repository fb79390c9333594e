"""Scripts: single ES modules that find each other by name through an import map, without a build step.

All of them have one digest in their addresses, so that the map names folders in place of files: it stands in
every page. Browsers may keep them for ever.
"""

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse
from markupsafe import Markup

from rapport.kernel.web.assets import DIGEST_LENGTH, static

_folders: dict[str, str] = {}
_libraries: dict[str, str] = {}


@dataclass(frozen=True)
class Module:
    """A script: bytes as they are and gzipped."""

    content: bytes
    packed: bytes


@dataclass(frozen=True)
class Modules:
    """All scripts of our own by name, and the digest in their addresses."""

    by_name: dict[str, Module]
    digest: str


def register_modules(prefix: str, folder: str) -> None:
    """Let scripts import every ``*.js`` file in a static folder by ``<prefix>/<file without .js>``."""
    _folders[prefix] = folder


def register_library(name: str, path: str) -> None:
    """Let scripts import a static file by ``name``."""
    _libraries[name] = path


@lru_cache(maxsize=1)
def _read() -> Modules:
    files = {
        f"{prefix}/{file.stem}": file.read_bytes()
        for prefix, folder in _folders.items()
        for file in sorted(_found(folder).glob("*.js"))
    }
    digest = hashlib.sha256(b"\0".join(part for name in files for part in (name.encode(), files[name])))
    by_name = {name: Module(content, gzip.compress(content, mtime=0)) for name, content in files.items()}
    return Modules(by_name, digest.hexdigest()[:DIGEST_LENGTH])


def _found(folder: str) -> Path:
    found = finders.find(folder)
    if not found:
        raise FileNotFoundError(f"registered script folder {folder} does not exist")
    return Path(str(found))


def modules() -> Modules:
    """Return all scripts of our own; in debug mode they are read anew each time."""
    if settings.DEBUG:
        _read.cache_clear()
        _map.cache_clear()
    return _read()


def module_url(name: str) -> str:
    """Return the address of the module that scripts import by ``name``.

    Raises:
        KeyError: no module has that name.

    """
    known = modules()
    if name not in known.by_name:
        raise KeyError(name)
    return reverse("web:module", args=[known.digest, name])


@lru_cache(maxsize=1)
def _map(digest: str) -> str:
    folders = {f"{prefix}/": reverse("web:module", args=[digest, f"{prefix}/"]) for prefix in _folders}
    imports = folders | {name: static(path) for name, path in _libraries.items()}
    return json.dumps({"imports": imports}, separators=(",", ":"))


def import_map() -> Markup:
    """Return the ``<script type="importmap">`` element; the content security policy allows it by its hash."""
    own = _map(modules().digest)
    return Markup(f'<script type="importmap">{own}</script>')  # noqa: S704 - own JSON of static addresses


def import_map_hash() -> str:
    """Return the source expression that allows the import map in a content security policy (CSP 3, 2.3.1)."""
    digest = hashlib.sha256(_map(modules().digest).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
