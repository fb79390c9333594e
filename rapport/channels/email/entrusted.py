"""To whom each stored secret of an inbox was entrusted: for somebody else it must be entered again."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from rapport.channels.email.models import EmailSettings, Incoming, Outgoing, Security

Values = Mapping[str, Any]
_STRENGTH: Final = (Security.NONE, Security.STARTTLS, Security.TLS)


class Trust(NamedTuple):
    """The settings that say who gets a secret, how the way there is protected, and whether it is in use."""

    receiver: tuple[str, ...]
    used: Callable[[Values], bool]
    security: tuple[str, ...] = ()


def _imap(values: Values) -> bool:
    return bool(values["incoming"] == Incoming.IMAP and values["imap_host"] and not values["oauth_provider"])


def _smtp(values: Values) -> bool:
    return bool(values["outgoing"] == Outgoing.SMTP and values["smtp_host"] and not values["oauth_provider"])


def _service(values: Values) -> bool:
    return bool(values["outgoing"] == Outgoing.PROVIDER and values["provider"])


def _webhook(values: Values) -> bool:
    return bool(values["incoming"] == Incoming.WEBHOOK and values["webhook_provider"])


def _never(values: Values) -> bool:  # noqa: ARG001
    return False


_IMAP = ("imap_host", "imap_port", "imap_user")
_SMTP = ("smtp_host", "smtp_port", "smtp_user")
_APP = ("oauth_provider", "oauth_tenant", "oauth_client_id")
TRUST: Final[dict[str, Trust]] = {
    "imap_secret": Trust(_IMAP, _imap, ("imap_security",)),
    "smtp_secret": Trust(_SMTP, _smtp, ("smtp_security",)),
    # Some services take the address to call, which gets the key, as an option.
    "provider_key": Trust(("provider", "provider_options"), _service),
    "webhook_secret": Trust(("webhook_provider",), _webhook),
    "webhook_api_key": Trust(("webhook_provider",), _webhook),
    "oauth_client_secret": Trust(("oauth_provider",), lambda values: bool(values["oauth_provider"])),
    # Nobody can enter it: a new consent brings a new one. Both servers get what it opens.
    "oauth_refresh_token": Trust((*_IMAP, *_SMTP, *_APP), _never, ("imap_security", "smtp_security")),
}


def betrayed(settings: EmailSettings, values: Values) -> dict[str, bool]:
    """Return the stored secrets that ``values`` would hand to somebody else, or over a weaker connection.

    True where it is in use afterwards and must be entered again, False where it is of no use any more.
    """
    names = {name for each in TRUST.values() for name in (*each.receiver, *each.security)}
    before = {name: getattr(settings, name) for name in (*names, "incoming", "outgoing")}
    after = {name: values.get(name, value) for name, value in before.items()}
    return {
        name: trust.used(after)
        for name, trust in TRUST.items()
        if getattr(settings, name) and not values.get(name) and _moved(trust, before, after)
    }


def _moved(trust: Trust, before: Values, after: Values) -> bool:
    return any(before[name] != after[name] for name in trust.receiver) or any(
        _STRENGTH.index(after[name]) < _STRENGTH.index(before[name]) for name in trust.security
    )
