"""The audit stream: every change of rights and settings, in the transaction of the change."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from rapport.kernel.stream.append import SYSTEM, Actor, append
from rapport.kernel.stream.models import ActorKind
from rapport.staff.models import Agent, AuditEntry, AuditStream, AuditWords

STREAM_ID = 1


def record(
    actor: Agent | None,
    kind: str,
    payload: Any,
    *,
    about: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry: ``actor`` (None: the operator at the command line) did ``kind`` to ``about``.

    ``before`` and ``after`` hold the changed values by name, as JSON; never a password, a key or a token.

    Raises:
        OutsideTransaction: there is no transaction.

    """
    stream, _ = AuditStream.objects.get_or_create(pk=STREAM_ID)
    entry = append(
        AuditEntry,
        stream,
        kind,
        payload,
        actor=SYSTEM if actor is None else Actor(ActorKind.AGENT, actor.pk),
        subject_kind="" if about is None else about._meta.label_lower,
        subject_id=None if about is None else about.pk,
    )
    if before or after:
        AuditWords.objects.create(entry=entry, before=dict(before or {}), after=dict(after or {}))
    return entry


def change(
    actor: Agent | None, kind: str, payload: Any, *, about: models.Model, values: Mapping[str, Any]
) -> None:
    """Write ``values`` into the row of ``about`` and record which of them are new; nothing where none is.

    Raises:
        OutsideTransaction: there is no transaction.

    """
    rows = type(about)._default_manager.filter(pk=about.pk)
    fresh = rows.select_for_update().get()
    before = {field: getattr(fresh, field) for field in values}
    changed = [field for field in values if before[field] != values[field]]
    if not changed:
        return
    rows.update(**values)
    record(
        actor,
        kind,
        payload,
        about=about,
        before={field: before[field] for field in changed},
        after={field: values[field] for field in changed},
    )
