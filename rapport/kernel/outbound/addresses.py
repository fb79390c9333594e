"""Which addresses of the internet protocol may be called: public ones only."""

import ipaddress
import socket

from rapport.kernel.outbound.sentences import sentence
from rapport.kernel.sentences import Told

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")


class Unreachable(Told):
    """The host has no address, or none that may be called."""


def is_public(address: Address) -> bool:
    """Tell whether ``address`` is of the public internet, looking through every kind of embedded IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        inner = address.sixtofour or (address.teredo and address.teredo[1])
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner and not is_public(inner):
            return False
        # Site-local (fec0::/10) is deprecated (RFC 3879) but still routed privately.
        if address.is_site_local or address.scope_id:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def public_addresses(host: str, port: int) -> list[str]:
    """Resolve ``host`` and return its addresses; one that is not public refuses the host altogether.

    Raises:
        Unreachable: there is no address, or one that may not be called.

    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(sentence("no_address", host=host, error=str(error))) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for text in addresses:
        if not is_public(ipaddress.ip_address(text)):
            raise Unreachable(sentence("not_public", host=host))
    return addresses
