"""Adding, renaming, colouring and deleting tags."""

import re

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.conversations.actions.tag import TAGS
from rapport.conversations.models import Conversation, Tag
from rapport.kernel.db.locks import lock_name
from rapport.staff import audit
from rapport.staff.authority import Refused, require
from rapport.staff.kinds import AboutObject
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

_COLOUR = re.compile(r"#[0-9a-f]{6}")
BATCH = 500


def _cleaned(name: str, colour: str) -> dict[str, str]:
    cleaned = " ".join(name.split()).lower()[:50]
    if not cleaned:
        raise Refused("name", _("A name is needed."))
    if not _COLOUR.fullmatch(colour.lower()):
        raise Refused("colour", _("A colour looks like #3557d6."))
    return {"name": cleaned, "colour": colour.lower()}


def create_tag(*, actor: Agent | None, name: str, colour: str = "#667085") -> Tag:
    """Add a tag; raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.TAGS)
    values = _cleaned(name, colour)
    try:
        with transaction.atomic():
            tag = Tag.objects.create(**values)
            audit.record(actor, "tag.created", AboutObject(object_id=tag.pk), about=tag, after=values)
    except IntegrityError:
        raise Refused("name", _("There is already a tag of this name.")) from None
    return tag


def edit_tag(*, actor: Agent | None, tag: Tag, name: str, colour: str) -> None:
    """Rename or colour a tag, on all conversations that carry it; raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.TAGS)
    values = _cleaned(name, colour)
    try:
        with transaction.atomic():
            lock_name(TAGS)
            fresh = Tag.objects.select_for_update().get(pk=tag.pk)
            before = {"name": fresh.name, "colour": fresh.colour}
            if before == values:
                return
            Tag.objects.filter(pk=tag.pk).update(**values)
            if before["name"] != values["name"]:
                _rename(tag, before["name"], values["name"])
            audit.record(
                actor,
                "tag.changed",
                AboutObject(object_id=tag.pk),
                about=tag,
                before=before,
                after=values,
            )
    except IntegrityError:
        raise Refused("name", _("There is already a tag of this name.")) from None
    tag.refresh_from_db()


def delete_tag(*, actor: Agent | None, tag: Tag) -> None:
    """Take a tag off all conversations and forget it; raises ``NotAllowed``."""
    require(actor, Permission.TAGS)
    with transaction.atomic():
        lock_name(TAGS)
        audit.record(
            actor, "tag.deleted", AboutObject(object_id=tag.pk), about=tag, before={"name": tag.name}
        )
        _rename(tag, tag.name, None)
        tag.delete()


def _rename(tag: Tag, before: str, after: str | None) -> None:
    last = 0
    while batch := _carrying(tag, last):
        for conversation in batch:
            names = set(conversation.tag_names) - {before}
            conversation.tag_names = sorted(names | ({after} if after else set()))
        Conversation.objects.bulk_update(batch, ["tag_names"])
        last = batch[-1].pk


def _carrying(tag: Tag, last: int) -> list[Conversation]:
    # Locked before they are read: another act may be writing the names. In the order of their numbers, so
    # that two acts on many conversations never wait for each other.
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(tags=tag, pk__gt=last)
    return list(rows.only("pk", "tag_names").order_by("pk")[:BATCH])
