"""Which topics exist and who may subscribe: a registry that upper floors fill."""

import re
from collections.abc import Callable

MaySubscribe = Callable[[int, int], bool]
Identity = Callable[[int], int | None]
SHAPE = re.compile(r"([a-z_]{1,30}):([0-9]{1,18})")

_topics: dict[str, MaySubscribe] = {}
_identity: list[Identity] = []


def register_topic(name: str, *, may_subscribe: MaySubscribe) -> None:
    """Let screens subscribe to ``name:<id>`` where ``may_subscribe(account_id, id)`` is true.

    It is asked at every connect and again every minute, in a thread, and may query the database.
    """
    _topics[name] = may_subscribe


def register_identity(identity: Identity) -> None:
    """Declare how an account becomes an agent: ``identity(account_id)`` returns the id of the active agent.

    None refuses the account. ``agent:<id>:revoked`` closes the streams of that agent.
    """
    _identity[:] = [identity]


def topic_names() -> list[str]:
    """Return the names of all topics."""
    return sorted(_topics)


def agent_of(account_id: int) -> int | None:
    """Return the id of the active agent of this account; None where nobody is."""
    return _identity[0](account_id) if _identity else None


def allowed(account_id: int, topic: str) -> bool:
    """Tell whether this account may subscribe to ``topic``; false for anything that is no topic."""
    match = SHAPE.fullmatch(topic)
    may_subscribe = _topics.get(match[1]) if match else None
    return bool(match and may_subscribe and may_subscribe(account_id, int(match[2])))
