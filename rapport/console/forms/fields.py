"""What the forms share: choices, and putting a refusal beside its field."""

from collections.abc import Sequence

from django import forms
from django.conf import settings

from rapport.staff.authority import Refused


def refuse(form: forms.BaseForm, refused: Refused) -> None:
    """Show why an action refused: beside the field that it names, or above the form."""
    form.add_error(refused.field if refused.field in form.fields else None, str(refused.reason))


def choose(form: forms.BaseForm, field: str, choices: Sequence[tuple[object, object]]) -> None:
    """Set what can be chosen in a field of ``form``."""
    chosen = form.fields[field]
    if not isinstance(chosen, forms.ChoiceField):
        raise TypeError(field)
    chosen.choices = choices


def languages() -> list[tuple[str, str]]:
    """Return the languages of the screens."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]
