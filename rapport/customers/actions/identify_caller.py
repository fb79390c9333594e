"""Recognising who called: by a mail address, a phone number, or a name alone."""

from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.customers.actions.identify import identify
from rapport.customers.actions.identities import give_identity
from rapport.customers.actions.meet_unknown import meet_unknown
from rapport.customers.models import Customer
from rapport.customers.values import is_phone, plain_name
from rapport.kernel.clock import now
from rapport.staff.authority import Refused
from rapport.staff.models import Agent


@dataclass(frozen=True)
class Caller:
    """What is known of somebody who called; one of the three is enough."""

    name: str = ""
    phone: str = ""
    address: str = ""


def identify_caller(caller: Caller, *, agent: Agent) -> Customer:
    """Return the person with this mail address or phone number, or make one; ``agent`` writes it down.

    Nobody is recognised by a name alone: it makes a new person, who can be merged later.

    Raises:
        Refused: nothing is known, or the number is none.

    """
    caller = replace(caller, name=plain_name(caller.name))
    if caller.phone.strip() and not is_phone(caller.phone):
        raise Refused("phone", _("This is no phone number."))
    if caller.address:
        return _by_address(caller, agent)
    if caller.phone.strip():
        return identify(kind="phone", value=caller.phone, name=caller.name, at=now()).customer
    if not caller.name.strip():
        raise Refused("name", _("Say who called: a mail address, a phone number or a name."))
    return meet_unknown(name=caller.name, at=now())


def _by_address(caller: Caller, agent: Agent) -> Customer:
    with transaction.atomic():
        person = identify(value=caller.address, name=caller.name, at=now()).customer
        if caller.phone.strip():
            give_identity(agent=agent, customer=person, kind="phone", value=caller.phone)
    return person
