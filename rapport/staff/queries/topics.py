"""Which live topics tell somebody what is new."""

from collections.abc import Sequence

from rapport.staff.models import Agent, Team
from rapport.staff.permissions import Reach
from rapport.staff.queries.people import active_teams

MOST_TEAMS = 150
"""Teams that one follows: all windows of a browser share the 200 topics of ``/live``."""


def topics_of(agent: Agent, teams: Sequence[Team] | None = None) -> list[str]:
    """Return the live topics that move what this agent's screens count and list.

    ``teams`` are those that work, read where they are not given. A brand's conversations may lie with any
    team. Of very many teams the agent's own are followed first.
    """
    own = f"agent:{agent.pk}"
    if agent.reach is Reach.MENTIONED:
        return [own]
    every = agent.reach in {Reach.ALL, Reach.BRANDS}
    working = active_teams() if teams is None else teams
    followed = [team.pk for team in working if every or team.pk in agent.team_ids()]
    if len(followed) > MOST_TEAMS:
        followed.sort(key=lambda pk: pk not in agent.team_ids())
    return [own, *(f"team:{pk}" for pk in followed[:MOST_TEAMS])]
