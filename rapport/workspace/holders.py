"""Whom a form names as the one to have a conversation."""

from collections.abc import Callable
from functools import partial

from rapport.conversations.actions.assign import assign, assign_both, assign_team
from rapport.conversations.models import Conversation
from rapport.staff.models import Agent, Team
from rapport.workspace.requests import AgentRequest, whole_number


def assigning(request: AgentRequest) -> Callable[..., Conversation]:
    """Return the action for what a form names: a person, a team, or both; raises ``ValueError``."""
    posted = request.POST
    if "team" not in posted:
        return partial(assign, assignee=person_of(posted["agent"]))
    team = team_of(posted["team"])
    if "agent" not in posted:
        return partial(assign_team, team=team)
    return partial(assign_both, team=team, assignee=person_of(posted["agent"]))


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
