"""What makes a password too weak beyond its length."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from rapport.staff.models import Account

LEAST = 6
"""Characters that a password needs beside the person's own words, repeats and numbers."""
LONG = 4
"""Letters of a word that is one's own also within another; “der” stands in many."""

_SPACE_OR_NUMBER = re.compile(r"\s|\d{2,}")
_REPEAT = re.compile(r"(.)\1+")


class OwnWordsValidator:
    """Refuses what is little more than the person's own name or mail address.

    Django's own validator compares which letters occur, in any order: it refuses sentences of common letters.
    """

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ``ValidationError`` where hardly anything is left without the person's own words."""
        typed = password.casefold()
        left = _own(user).sub("", typed) if user is not None else typed
        counted = _REPEAT.sub(r"\1", _SPACE_OR_NUMBER.sub("", left))
        if left != typed and len(counted) < LEAST:
            raise ValidationError(_("The password is too similar to the name or the mail address."))

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return _("A password is more than the own name or mail address.")


def _own(user: Account) -> re.Pattern[str]:
    email = user.email.casefold()
    local, _at, domain = email.partition("@")
    # "com", "co.uk" and "mail" are no words of one's own.
    company = next((each for each in reversed(domain.split(".")[:-1]) if len(each) >= LONG), "")
    name = _words(user.name)
    words = {email, company, "".join(name), *name, *_words(local)} - {"", "mail"}
    return re.compile("|".join(map(_found, sorted(words, key=len, reverse=True))) or r"(?!)")


def _found(word: str) -> str:
    pattern = re.escape(word)
    return pattern if len(word) >= LONG else rf"(?<![^\W_]){pattern}(?![^\W_])"


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
