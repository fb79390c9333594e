"""What makes a password too weak beyond its length."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from rapport.staff.models import Account

LEAST = 6
"""Letters and digits that a password needs beside the person's own words."""


class OwnWordsValidator:
    """Refuses what is little more than the person's own name or mail address.

    Django's own validator compares which letters occur, in any order: it refuses sentences of common letters.
    """

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ``ValidationError`` where hardly anything is left without the person's own words."""
        own = _words(f"{user.name} {user.email}") if user is not None else []
        left = typed = "".join(_words(password))
        for word in sorted(own, key=len, reverse=True):
            left = left.replace(word, "") if len(word) > 2 else left
        if left != typed and len(left) < LEAST:
            raise ValidationError(_("The password is too similar to the name or the mail address."))

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return _("A password is more than the own name or mail address.")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
