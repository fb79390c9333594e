"""What the forms share: choices, and putting a refusal beside its field."""

from collections.abc import Sequence

from django import forms
from django.conf import settings

from rapport.kernel.text.extract import text_of
from rapport.kernel.text.paragraphs import paragraphs
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


def as_text(html: str) -> str:
    """Return stored HTML as what one edits in a plain field."""
    return text_of(html).strip()


def as_html(text: str, stored: str) -> str:
    """Return edited text as HTML; where nothing was edited, the ``stored`` HTML with its formatting."""
    unified = text.replace("\r\n", "\n").strip()
    return stored if unified == as_text(stored) else paragraphs(unified)
