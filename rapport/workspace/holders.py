"""Whom a form names as the one to have a conversation."""

from rapport.staff.models import Agent, Team
from rapport.workspace.requests import whole_number


def team_of(text: str) -> Team:
    """Return the team of this number; raises ``ValueError`` where there is none."""
    team = Team.objects.filter(pk=whole_number(text) or 0, archived=False).first()
    if team is None:
        raise ValueError("no such team")
    return team


def person_of(text: str) -> Agent | None:
    """Return the agent of this number, None for the empty text: nobody; raises ``ValueError``."""
    if not text:
        return None
    person = Agent.objects.filter(pk=whole_number(text) or 0).first()
    if person is None:
        raise ValueError("no such agent")
    return person
