"""Envelope addresses as receivers compare them. Pure and standard library only."""

from collections.abc import Collection


def spellings(recipient: str) -> tuple[str, str]:
    """Return an address in lower case without brackets: as it is, and without its plus part.

    ``<Help+r.abc@Shop.example>`` gives ``help+r.abc@shop.example`` and ``help@shop.example``.
    """
    exact = recipient.strip().strip("<>").strip().lower()
    local, at, domain = exact.rpartition("@")
    return exact, f"{local.partition('+')[0]}{at}{domain}"


def is_one_of(address: str, own: Collection[str]) -> bool:
    """Tell whether an address or the one that its plus part belongs to is in ``own``, in lower case."""
    return any(spelling in own for spelling in spellings(address))


def storable(address: str) -> str:
    """Return an address of any characters in a form that both databases take, cut at 320 characters."""
    return address.encode(errors="replace").decode().replace("\0", "")[:320]
