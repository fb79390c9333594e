"""Each kind of audit entry about staff, declared once. Names and addresses stand in ``AuditWords``."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.kernel.stream.kinds import Audience, Kind, register_kind
from rapport.staff.roles import Role

STREAM = "audit"


@dataclass(frozen=True, kw_only=True)
class AboutAgent:
    """Something about an agent as a whole."""

    agent_id: int


@dataclass(frozen=True, kw_only=True)
class RoleChanged:
    """An agent got another role."""

    agent_id: int
    role: Role
    before: Role


@dataclass(frozen=True, kw_only=True)
class GroupsChanged:
    """An agent joined and left teams, or brands."""

    agent_id: int
    added_ids: tuple[int, ...]
    removed_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AboutAccount:
    """Something about the sign-in of an account."""

    account_id: int


@dataclass(frozen=True, kw_only=True)
class AboutObject:
    """Something about a brand, a team, a tag, an inbox: the entry's subject says which."""

    object_id: int


def _kind(name: str, payload: type, icon: str, sentence: Promise, inverse: str = "") -> Kind:
    return Kind(name, payload, audience=Audience.INTERNAL, sentence=sentence, icon=icon, inverse=inverse)


KINDS = (
    _kind("agent.created", AboutAgent, "user-plus", _("added a member of staff")),
    _kind("agent.invited", AboutAgent, "mail-plus", _("sent an invitation")),
    _kind("agent.joined", AboutAgent, "user-check", _("accepted the invitation")),
    _kind("agent.role_changed", RoleChanged, "shield", _("changed a role"), "agent.role_changed"),
    _kind("agent.teams_changed", GroupsChanged, "users", _("changed the teams of somebody")),
    _kind("agent.brands_changed", GroupsChanged, "flag", _("changed the brands of somebody")),
    _kind("agent.disabled", AboutAgent, "ban", _("disabled an account"), "agent.enabled"),
    _kind("agent.enabled", AboutAgent, "user-check", _("enabled an account"), "agent.disabled"),
    _kind("agent.profile_changed", AboutAgent, "pencil", _("changed a profile")),
    _kind("agent.signed_out", AboutAgent, "log-out", _("signed somebody out everywhere")),
    _kind("account.signed_in", AboutAccount, "key-round", _("signed in")),
    _kind("account.password_set", AboutAccount, "key-round", _("set a new password")),
    _kind("account.two_factor_on", AboutAccount, "shield-check", _("switched two-factor sign-in on")),
    _kind("account.two_factor_off", AboutAccount, "shield-alert", _("switched two-factor sign-in off")),
    _kind("account.recovery_codes_made", AboutAccount, "key-round", _("made new recovery codes")),
    _kind("brand.created", AboutObject, "plus", _("added a brand")),
    _kind("brand.changed", AboutObject, "pencil", _("changed a brand")),
    _kind("brand.archived", AboutObject, "archive", _("archived a brand"), "brand.restored"),
    _kind("brand.restored", AboutObject, "rotate-ccw", _("brought a brand back"), "brand.archived"),
    _kind("team.created", AboutObject, "plus", _("added a team")),
    _kind("team.renamed", AboutObject, "pencil", _("renamed a team")),
    _kind("team.archived", AboutObject, "archive", _("archived a team"), "team.restored"),
    _kind("team.restored", AboutObject, "rotate-ccw", _("brought a team back"), "team.archived"),
    _kind("tag.created", AboutObject, "plus", _("added a tag")),
    _kind("tag.changed", AboutObject, "tag", _("changed a tag")),
    _kind("tag.deleted", AboutObject, "trash-2", _("deleted a tag")),
)


def register() -> None:
    """Declare all kinds; called once by the app's ``ready``."""
    for kind in KINDS:
        register_kind(STREAM, kind)
