"""Who asks: the visitor's own address, also behind proxies.

``REMOTE_ADDR`` is whoever opened the connection. Only where that is a proxy of ours is ``X-Forwarded-For``
believed, from its end backwards and no further than the first address that is no proxy of ours: what stands
before it, the visitor may have written (RFC 7239, section 8.1).
"""

import ipaddress
from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class VisitorMiddleware:
    """Puts the visitor's address into ``REMOTE_ADDR``, where limits, audit, logs and mails look for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._proxies: Sequence[Network] = settings.TRUSTED_PROXIES

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if self._proxies:
            request.META["REMOTE_ADDR"] = visitor(
                request.META.get("REMOTE_ADDR", ""),
                request.META.get("HTTP_X_FORWARDED_FOR", ""),
                self._proxies,
            )
        return self.get_response(request)


def visitor(connected: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """Return who asks, where ``connected`` opened the connection and ``proxies`` are ours.

    A hop that is no address ends the walk: its proxy is the last that is known.
    """
    known = connected
    for hop in (connected, *reversed(forwarded_for.split(","))):
        address = _address(hop)
        if address is None:
            break
        known = str(address)
        if not any(address in network for network in proxies):
            break
    return known


def _address(hop: str) -> Address | None:
    words = hop.strip()
    if words.startswith("["):
        words = words[1:].partition("]")[0]
    elif words.count(":") == 1:
        words = words.partition(":")[0]
    try:
        address = ipaddress.ip_address(words)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
