"""Who may use a route: every view names its door, and a view without one is refused.

A door is either the name of a permission, or one of the three special doors below. The middleware of
``staff`` enforces them; the authorization matrix reads them with :func:`of`.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

PUBLIC: Final = "public"
"""Anybody, signed in or not."""
SIGNED_IN: Final = "signed-in"
"""Any active member of staff, whatever the role."""
HOOK: Final = "hook"
"""A machine that proves itself with a signature, which the view checks."""

View = TypeVar("View", bound=Callable[..., Any])


def door(permission: str) -> Callable[[View], View]:
    """Return a decorator that declares ``permission`` as what a caller of the view needs."""

    def declare(view: View) -> View:
        view.door = str(permission)  # type: ignore[attr-defined]
        return view

    return declare


def of(view: Callable[..., Any]) -> str | None:
    """Return the door of ``view``, also of a class-based one; None where it declares none."""
    found = getattr(view, "door", None) or getattr(getattr(view, "view_class", None), "door", None)
    return None if found is None else str(found)
