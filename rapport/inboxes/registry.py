"""The channels this installation has."""

from rapport.inboxes.contract import Channel

_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> None:
    """Add an adapter; its ``kind`` must be new."""
    if channel.kind in _channels:
        raise ValueError(f"channel {channel.kind} is registered twice")
    _channels[channel.kind] = channel


def channel(kind: str) -> Channel:
    """Return the adapter of a kind; raises KeyError for an unknown one."""
    return _channels[kind]


def channels() -> list[Channel]:
    """Return all adapters."""
    return list(_channels.values())


def largest_file() -> int:
    """Return the most bytes that one file may have on any channel."""
    return max(each.capabilities.attachment_bytes for each in channels())
