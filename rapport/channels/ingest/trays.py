"""Telling the open screens that a mail came into a tray or left it."""

from rapport.inboxes.models import Inbox, Outcome
from rapport.kernel.live.signal import signal

COUNTED = (Outcome.QUARANTINED, Outcome.REFUSED, Outcome.POISON)
"""What waits for a person; the rail counts it."""


def trays_moved(inbox: Inbox) -> None:
    """Announce in the present transaction that what waits in the trays of this inbox's team has changed."""
    signal(f"team:{inbox.team_id}")
