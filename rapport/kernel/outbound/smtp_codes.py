"""What a mail server's codes are about where the class of a code does not say it."""

from typing import Final

ABOUT_SETTINGS: Final = frozenset({530, 534, 535, 538})
"""Of the settings, not of a mail: sign-in needed (530), refused (534, 535), TLS needed (538)."""
TOO_LARGE: Final = 552
"""Said of a mail, though at its sender: RFC 1870 has the size declared there."""
