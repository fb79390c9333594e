"""Who may send more than the forms of strangers need: agents who are signed in, and mail services."""

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import close_old_connections
from django.http.cookie import parse_cookie

from rapport.channels.email.receive.webhook import HOOKS, is_called
from rapport.config.settings import DEMO
from rapport.kernel.web.sessions import SessionStore


def may_send_much(scope: Any) -> bool:
    """Ask the database who sends a request (its ASGI scope): where anybody may, many fill the disk."""
    close_old_connections()
    path = scope["path"]
    if path.startswith(HOOKS):
        return is_called(path.removeprefix(HOOKS))
    return DEMO or _is_signed_in(scope["headers"])


def _is_signed_in(headers: list[tuple[bytes, bytes]]) -> bool:
    cookies = parse_cookie("; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie"))
    return SESSION_KEY in SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
