"""What an entry of the audit log changed, in words: the names of fields, values as people write them."""

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rapport.kernel.text.extract import text_of
from rapport.staff.models import AuditEntry
from rapport.staff.roles import Role

SETTINGS_OF = {"inboxes.inbox": "email.emailsettings"}
"""Where the further fields of a subject stand: an inbox's connection is a row of its own."""
WAYS = {"imap": "IMAP", "smtp": "SMTP"}
"""Ways in and out whose fields have the same names: each has a port."""


def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """Return field, value before and value after of everything that the entry changed."""
    if not hasattr(entry, "words"):
        return []
    kind, before, after = entry.subject_kind, entry.words.before, entry.words.after
    rows = [
        (_label(kind, field), _shown(kind, field, before.get(field)), _shown(kind, field, after.get(field)))
        for field in sorted({*before, *after})
    ]
    return [row for row in rows if row[1] or row[2]]


def subject(entry: AuditEntry, people: dict[int, str]) -> str:
    """Return the name of what the entry is about; nothing where it is gone."""
    if entry.subject_kind == "staff.agent":
        return people.get(entry.subject_id or 0, "")
    words = getattr(entry, "words", None)
    names = (words.after.get("name") or words.before.get("name")) if words else ""
    return "" if names else _name(entry.subject_kind, entry.subject_id)


def _name(label: str, pk: int | None) -> str:
    if not label or pk is None:
        return ""
    found = apps.get_model(label)._default_manager.filter(pk=pk).first()
    return str(found) if found is not None else ""


def _label(subject_kind: str, field: str) -> str:
    known = {"address": _("Address"), "state": _("State"), "brand_id": _("Brand"), "team_id": _("Team")}
    if field in known:
        return known[field]
    found = _field(subject_kind, field)
    words = str(getattr(found, "verbose_name", "")) or field.replace("_", " ")
    way = WAYS.get(field.partition("_")[0], "")
    return f"{way}: {words}" if way and way not in words else capfirst(words)


def _field(subject_kind: str, name: str) -> Any:
    """Return the model field of a subject, or of its further settings; None where it has none."""
    for label in filter(None, (subject_kind, SETTINGS_OF.get(subject_kind))):
        try:
            return apps.get_model(label)._meta.get_field(name)
        except (FieldDoesNotExist, LookupError, ValueError):
            continue
    return None


def _shown(subject_kind: str, field: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if field == "role" and value in Role.values:
        return str(Role(value).label)
    choices = dict(getattr(_field(subject_kind, field), "flatchoices", ()))
    if isinstance(value, str) and value in choices:
        return str(choices[value])
    if field.endswith("_id") and isinstance(value, int):
        return _pointed_at(subject_kind, field, value)
    return text_of(value).strip() if field == "html" or field.endswith("_html") else str(value)


def _pointed_at(subject_kind: str, field: str, pk: int) -> str:
    """Return the name of the row that the field of a subject points at; its number where it is gone."""
    pointed = _field(subject_kind, field)
    model = pointed.related_model if isinstance(pointed, ForeignKey) else None
    return (_name(model._meta.label, pk) if model else "") or str(pk)
