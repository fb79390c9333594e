"""Who calls the live app: the session of Django's cookie, checked in a thread at connect and every minute."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections

from rapport.kernel.live import topics


@dataclass(frozen=True)
class Caller:
    """A signed-in account and its agent."""

    session_key: str
    account_id: int
    agent_id: int


class _Request:
    """What ``get_user`` wants of a request."""

    def __init__(self, session: Any) -> None:
        self.session = session


def caller_of(session_key: str) -> Caller | None:
    """Return who is signed in by this session; None for strangers and ended sessions."""
    if not session_key:
        return None
    close_old_connections()
    store = import_module(settings.SESSION_ENGINE).SessionStore
    account = get_user(_Request(store(session_key)))  # type: ignore[arg-type]
    if not account.is_authenticated or account.pk is None:
        return None
    agent_id = topics.agent_of(int(account.pk))
    return None if agent_id is None else Caller(session_key, int(account.pk), agent_id)


def admitted(session_key: str, wanted: list[str]) -> tuple[Caller, list[str]] | None:
    """Return the caller and those of the ``wanted`` topics that are allowed; None for a stranger."""
    caller = caller_of(session_key)
    if caller is None:
        return None
    return caller, [topic for topic in wanted if topics.allowed(caller.account_id, topic)]
