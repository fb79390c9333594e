"""Reading mail: `parse(raw)` gives a `ParsedMail` for any bytes, or raises `OverLimit` over the `Limits`.

Pure: no database, no settings, no network.
"""

from rapport.channels.email.parse.mail import parse
from rapport.channels.email.parse.model import (
    Address,
    Attachment,
    Limits,
    OverLimit,
    ParsedMail,
)

__all__ = ["Address", "Attachment", "Limits", "OverLimit", "ParsedMail", "parse"]
