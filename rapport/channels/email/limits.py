"""How much one mail may hold, from what the operator has set."""

from typing import Any

from rapport.channels.email.parse import Limits


def limits_of(environment: Any) -> Limits:
    """Return the limits that the ``RAPPORT_MAIL_MAX_…`` settings say."""
    return Limits(
        max_size=environment.mail_max_bytes,
        max_parts=environment.mail_max_parts,
        max_depth=environment.mail_max_depth,
        max_header_size=environment.mail_max_header_bytes,
        max_recipients=environment.mail_max_recipients,
    )
