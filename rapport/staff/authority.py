"""Who may change whom: the checks that every act on staff begins with."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.staff.roles import Role


class NotAllowed(Exception):
    """The actor's role may not do this."""


class Refused(Exception):
    """The act makes no sense with these values: ``field`` names the wrong one, ``reason`` says why."""

    def __init__(self, field: str, reason: str | Promise) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


def require(actor: Agent | None, permission: Permission) -> None:
    """Raise ``NotAllowed`` unless ``actor`` may; None is the operator at the command line, who may."""
    if actor is not None and not actor.can(permission):
        raise NotAllowed(permission)


def manages(actor: Agent | None, *roles: str) -> bool:
    """Tell whether ``actor`` may manage people of these roles.

    Only an administrator makes, changes or disables an administrator: a manager who could would be one.
    """
    if actor is None or not actor.can(Permission.PEOPLE):
        return actor is None
    return Role.ADMINISTRATOR not in roles or actor.role == Role.ADMINISTRATOR


def require_over(actor: Agent | None, *roles: str) -> None:
    """Raise ``NotAllowed`` unless ``actor`` may manage people of these roles."""
    if not manages(actor, *roles):
        raise NotAllowed(Permission.PEOPLE)


def keep_one_administrator(leaving: Agent) -> None:
    """Raise ``Refused`` where ``leaving`` is the only administrator who can sign in. Call it under a lock."""
    if leaving.role != Role.ADMINISTRATOR or not leaving.active:
        return
    others = Agent.objects.select_for_update().filter(
        role=Role.ADMINISTRATOR, active=True, account__is_active=True
    )
    if not others.exclude(pk=leaving.pk).exists():
        raise Refused("role", _("This is the only administrator. Make somebody else administrator first."))
