#!/usr/bin/env python3
"""Bring the catalogues up to date: collect every text, keep what is translated, compile.

`python scripts/translate.py` writes `rapport/ui/locale/*/LC_MESSAGES/django.{po,mo}` and lists what still
lacks a translation; `--check` writes nothing and fails where something is missing.
"""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "rapport/ui/locale"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/django_templates/**.html", "ignore")]
OPTIONS = {
    "**/templates/**.html": {
        "extensions": "jinja2.ext.i18n,jinja2.ext.do,jinja2.ext.loopcontrols",
        "trimmed": "true",
        "newstyle_gettext": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
    }
}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def template() -> Catalog:
    """Return every text of the product, without places and dates, so that only real changes show."""
    found = Catalog(charset="utf-8")
    texts = extract_from_dir(ROOT / "rapport", METHODS, OPTIONS, KEYWORDS)
    for file, _line, message, _comments, context in texts:
        if "/tests/" not in file:
            found.add(message, context=context)
    for message in DJANGO_TEMPLATE_TEXTS:
        found.add(message)
    return found


DJANGO_TEMPLATE_TEXTS = (
    "Sign in",
    "Back to work",
    "Two-step sign-in",
    "Password",
    "No account yet? Ask your administrator for an invitation.",
    "Rapport is open-source software.",
    "Rapport is not set up yet.",
    "Open the link that rapport serve printed when it started; it also stands in its log. "
    "Start it again for a new one.",
)


def catalogue(path: Path, wanted: Catalog, language: str) -> Catalog:
    old = (
        read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)
    )
    new = Catalog(locale=language, project="Rapport", charset="utf-8", fuzzy=False)
    for message in wanted:
        if message.id:
            before = old.get(message.id, message.context)
            new.add(message.id, before.string if before else None, context=message.context)
    return new


def missing(found: Catalog) -> list[str]:
    return [
        str(message.id)
        for message in found
        if message.id and not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]


def po(found: Catalog) -> bytes:
    written = io.BytesIO()
    write_po(written, found, width=110, omit_header=True, sort_output=True)
    kind = '"Content-Type: text/plain; charset=utf-8\\n"'
    header = f'msgid ""\nmsgstr ""\n{kind}\n"Plural-Forms: {found.plural_forms}\\n"\n\n'
    return header.encode() + written.getvalue()


def mo(found: Catalog) -> bytes:
    written = io.BytesIO()
    write_mo(written, read_po(io.BytesIO(po(found)), locale=found.locale))
    return written.getvalue()


def main() -> int:
    wanted, failed = template(), False
    for folder in sorted(LOCALE.glob("*/LC_MESSAGES")):
        found = catalogue(folder / "django.po", wanted, folder.parent.name)
        for text in missing(found):
            print(f"{folder.parent.name}: no translation of {text!r}")
            failed = True
        if "--check" not in sys.argv:
            (folder / "django.po").write_bytes(po(found))
            (folder / "django.mo").write_bytes(mo(found))
        elif read_po(io.BytesIO((folder / "django.po").read_bytes())).__len__() < len(wanted):
            print(f"{folder}: run scripts/translate.py")
            failed = True
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
