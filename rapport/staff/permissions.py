"""What each role may do, and which conversations it may see. Declared here, once.

A permission says which act; the *reach* says on which rows. Both are needed: an act on a row outside one's
reach is answered as if the row did not exist.
"""

from enum import StrEnum

from rapport.staff.roles import Role


class Permission(StrEnum):
    """An act that a role may or may not do."""

    READ = "conversations.read"
    NOTE = "conversations.note"
    REPLY = "conversations.reply"
    START = "conversations.start"
    ORGANISE = "conversations.organise"
    DELETE = "conversations.delete"
    TRAYS = "conversations.trays"
    CUSTOMERS = "customers.edit"
    MERGE_CUSTOMERS = "customers.merge"
    CANNED_REPLIES = "canned_replies.edit"
    TAGS = "tags.edit"
    SETTINGS = "settings.edit"
    PEOPLE = "people.edit"
    AUDIT = "audit.read"
    QUEUES = "queues.edit"


class Reach(StrEnum):
    """On which conversations a role acts."""

    MENTIONED = "mentioned"
    TEAMS = "teams"
    BRANDS = "brands"
    ALL = "all"


_COLLABORATOR = frozenset({Permission.READ, Permission.NOTE})
_REPRESENTATIVE = _COLLABORATOR | {
    Permission.REPLY,
    Permission.START,
    Permission.ORGANISE,
    Permission.CUSTOMERS,
}
_TEAM_LEAD = _REPRESENTATIVE | {
    Permission.DELETE,
    Permission.TRAYS,
    Permission.MERGE_CUSTOMERS,
    Permission.CANNED_REPLIES,
    Permission.TAGS,
}
_MANAGER = _TEAM_LEAD | {Permission.PEOPLE, Permission.AUDIT}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.COLLABORATOR: _COLLABORATOR,
    Role.REPRESENTATIVE: _REPRESENTATIVE,
    Role.SPECIALIST: _REPRESENTATIVE,
    Role.TEAM_LEAD: _TEAM_LEAD,
    Role.QA_ANALYST: _COLLABORATOR,
    Role.MANAGER: _MANAGER,
    Role.ADMINISTRATOR: frozenset(Permission),
}

ROLE_REACH: dict[Role, Reach] = {
    Role.COLLABORATOR: Reach.MENTIONED,
    Role.REPRESENTATIVE: Reach.TEAMS,
    Role.SPECIALIST: Reach.BRANDS,
    Role.TEAM_LEAD: Reach.BRANDS,
    Role.QA_ANALYST: Reach.ALL,
    Role.MANAGER: Reach.ALL,
    Role.ADMINISTRATOR: Reach.ALL,
}
