"""Forms of the workspace that are more than a field. They read what was typed; actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.customers.models import Customer
from rapport.ui.choices import all_languages, zones


class CustomerForm(forms.Form):
    """What is known of a person."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    company = forms.CharField(
        label=_("Company"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "companies", "autocomplete": "off"}),
        help_text=_("A new name makes a new company."),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    tags = forms.CharField(
        label=_("Tags"), max_length=1000, required=False, help_text=_("Several with commas.")
    )
    notes = forms.CharField(
        label=_("Notes"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only colleagues see this, beside every conversation of this person."),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("language", all_languages(), customer.language)
        self._offer("time_zone", zones(), customer.time_zone)
        self.initial = {
            "name": customer.name,
            "company": customer.company.name if customer.company else "",
            "language": customer.language,
            "time_zone": customer.time_zone,
            "tags": ", ".join(customer.tags),
            "notes": customer.notes,
        }

    def _offer(self, name: str, known: list[tuple[str, str]], stored: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        other = [] if not stored or stored in dict(known) else [(stored, stored)]
        field.choices = [("", _("Not known")), *other, *known]

    def tag_names(self) -> list[str]:
        """Return the tags one by one."""
        return [tag for tag in self.cleaned_data["tags"].split(",") if tag.strip()]
