"""Who may follow which live topic of staff."""

from rapport.kernel.live.topics import register_identity, register_topic
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission, Reach


def active_agent(account_id: int) -> Agent | None:
    """Return the active agent of an active account, or None."""
    return Agent.objects.filter(account_id=account_id, active=True, account__is_active=True).first()


def agent_id_of(account_id: int) -> int | None:
    """Return the id of the active agent of an account; None refuses the account."""
    agent = active_agent(account_id)
    return None if agent is None else agent.pk


def _is_self(account_id: int, agent_id: int) -> bool:
    return agent_id_of(account_id) == agent_id


def _sees_team(account_id: int, team_id: int) -> bool:
    agent = active_agent(account_id)
    if agent is None or not agent.can(Permission.READ) or agent.reach is Reach.MENTIONED:
        return False
    return agent.reach is not Reach.TEAMS or team_id in agent.team_ids()


def register() -> None:
    """Declare the topics of staff, and how the live application knows an agent."""
    register_identity(agent_id_of)
    register_topic("agent", may_subscribe=_is_self)
    register_topic("team", may_subscribe=_sees_team)
