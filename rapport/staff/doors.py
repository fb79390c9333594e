"""Which door a route has: named by the view itself, or, for views of third parties, in a declared policy."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from rapport.kernel.web import door

CLOSED: Final = "closed"
"""Nobody: a third party needs the route's name, and its page must not exist."""

_policy: dict[str, str] = {}


def declare(policy: Mapping[str, str]) -> None:
    """Add doors of routes whose views cannot name one: name of the route, with its namespace, to door."""
    _policy.update(policy)


def door_of(view: Callable[..., Any], route: str | None) -> str | None:
    """Return the door of ``view`` under the name ``route``; None where nobody declared one.

    The policy comes first, so that it can close a view of a third party whatever the view says.
    """
    return _policy.get(route or "") or door.of(view)
