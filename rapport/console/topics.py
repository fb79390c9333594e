"""Who may follow what happens to an inbox."""

from rapport.kernel.live.topics import register_topic
from rapport.staff.permissions import Permission
from rapport.staff.topics import active_agent


def _sets_up(account_id: int, _inbox_id: int) -> bool:
    agent = active_agent(account_id)
    return agent is not None and agent.can(Permission.SETTINGS)


def register() -> None:
    """Declare the topic of inboxes: trouble that begins or ends."""
    register_topic("inbox", may_subscribe=_sets_up)
