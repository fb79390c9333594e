"""Which live topics tell somebody what is new."""

from rapport.staff.models import Agent
from rapport.staff.permissions import Reach
from rapport.staff.queries.people import active_teams


def topics_of(agent: Agent) -> list[str]:
    """Return the live topics that move what this agent's screens count and list.

    A brand's conversations may lie with any team.
    """
    own = f"agent:{agent.pk}"
    if agent.reach is Reach.MENTIONED:
        return [own]
    mine = None if agent.reach in {Reach.ALL, Reach.BRANDS} else agent.team_ids()
    return [own, *(f"team:{team.pk}" for team in active_teams() if mine is None or team.pk in mine)]
