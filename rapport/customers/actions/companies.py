"""Adding and changing companies."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.customers.models import Company
from rapport.kernel.clock import now
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def create_company(*, agent: Agent | None, name: str, domain: str = "", notes: str = "") -> Company:
    """Add a company; people who write from its mail ``domain`` for the first time will belong to it.

    Raises:
        NotAllowed: the agent may not edit customers.
        Refused: the name is empty or taken.

    """
    require(agent, Permission.CUSTOMERS)
    if not name.strip():
        raise Refused("name", _("A name is needed."))
    try:
        with transaction.atomic():
            return Company.objects.create(
                name=name.strip()[:200],
                domain=domain.strip().lower().lstrip("@")[:200],
                notes=notes.strip(),
                created_at=now(),
            )
    except IntegrityError:
        raise Refused("name", _("There is already a company of this name.")) from None
