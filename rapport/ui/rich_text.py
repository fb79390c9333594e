"""A form field of formatted text: Trix where scripts run, a plain field where they do not."""

from collections.abc import Mapping
from typing import Any

from django import forms

from rapport.kernel.text.extract import text_of
from rapport.kernel.text.paragraphs import paragraphs


def as_text(html: str) -> str:
    """Return stored HTML as plain words."""
    return text_of(html).strip()


class RichText(forms.Widget):
    """Gives HTML as it was typed, which is safe only once it is sanitised; ``ui.field`` draws it.

    Without scripts the plain words come too: what was not changed in them keeps its formatting.
    """

    as_text = staticmethod(as_text)

    def __init__(self, *, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:  # noqa: ARG002
        """Return the HTML that was typed, or made of plain words."""
        html, plain = str(data.get(f"{name}-html", "")), data.get(name)
        if plain is None:
            return html
        words = str(plain).replace("\r\n", "\n").strip()
        return html if words == as_text(html) else paragraphs(words)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        """Tell whether neither form of the field was sent."""
        return name not in data and f"{name}-html" not in data
