"""Adding, changing and archiving brands."""

import re

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.staff import audit
from rapport.staff.authority import Refused, require
from rapport.staff.kinds import AboutObject
from rapport.staff.models import Agent, Brand
from rapport.staff.permissions import Permission
from rapport.staff.signature import signature

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def _cleaned(name: str, colour: str, website: str, signature_html: str) -> dict[str, str]:
    if not name.strip():
        raise Refused("name", _("A name is needed."))
    if not _COLOUR.fullmatch(colour.lower()):
        raise Refused("colour", _("A colour looks like #3557d6."))
    if website and not website.startswith(("https://", "http://")):
        raise Refused("website", _("An address of a website begins with https://."))
    return {
        "name": name.strip()[:80],
        "colour": colour.lower(),
        "website": website.strip()[:200],
        "signature_html": signature(signature_html),
    }


def create_brand(
    *, actor: Agent | None, name: str, colour: str = "#3557d6", website: str = "", signature_html: str = ""
) -> Brand:
    """Add a brand; raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.SETTINGS)
    values = _cleaned(name, colour, website, signature_html)
    try:
        with transaction.atomic():
            brand = Brand.objects.create(**values)
            audit.record(actor, "brand.created", AboutObject(object_id=brand.pk), about=brand, after=values)
    except IntegrityError:
        raise Refused("name", _("There is already a brand of this name.")) from None
    return brand


def edit_brand(
    *, actor: Agent | None, brand: Brand, name: str, colour: str, website: str, signature_html: str
) -> None:
    """Change a brand; raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.SETTINGS)
    values = _cleaned(name, colour, website, signature_html)
    try:
        with transaction.atomic():
            audit.change(actor, "brand.changed", AboutObject(object_id=brand.pk), about=brand, values=values)
    except IntegrityError:
        raise Refused("name", _("There is already a brand of this name.")) from None
    for field, value in values.items():
        setattr(brand, field, value)


def archive_brand(*, actor: Agent | None, brand: Brand, archived: bool) -> None:
    """Take a brand out of all choices, or bring it back; its past stays. Raises ``NotAllowed``."""
    require(actor, Permission.SETTINGS)
    with transaction.atomic():
        if not Brand.objects.filter(pk=brand.pk, archived=not archived).update(archived=archived):
            return
        kind = "brand.archived" if archived else "brand.restored"
        audit.record(actor, kind, AboutObject(object_id=brand.pk), about=brand)
    brand.archived = archived
