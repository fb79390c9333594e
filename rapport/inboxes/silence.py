"""How long an inbox may be silent before that is strange. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

FEWEST = 20
AT_LEAST = timedelta(hours=24)
NEVER_ANY = timedelta(days=3)
"""How long an inbox may have been set up without a first mail."""


def longest_usual_gap(times: Sequence[datetime]) -> timedelta | None:
    """Return the longest pause between mails that was usual so far; None where there were too few to tell.

    ``times`` in ascending order. A pause one and a half times as long as all but the rarest percent of the
    former ones, and of at least a day, is no longer usual.
    """
    if len(times) < FEWEST:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    usual = gaps[min(len(gaps) - 1, int(len(gaps) * 0.99))]
    return max(AT_LEAST, usual * 1.5)


def is_silent(times: Sequence[datetime], now: datetime) -> bool:
    """Tell whether nothing came for longer than is usual for this inbox."""
    limit = longest_usual_gap(times)
    return limit is not None and now - times[-1] > limit
