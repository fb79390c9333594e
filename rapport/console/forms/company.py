"""Brands, teams, tags and canned replies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.console.forms.fields import choose
from rapport.staff.models import Brand
from rapport.staff.queries.people import brands, teams
from rapport.ui.choices import all_languages
from rapport.ui.rich_text import RichText


class BrandForm(forms.Form):
    """The look and the signature of a brand."""

    name = forms.CharField(label=_("Name"), max_length=80)
    colour = forms.CharField(
        label=_("Colour"), max_length=7, widget=forms.TextInput(attrs={"type": "color"}), initial="#3557d6"
    )
    website = forms.CharField(label=_("Website"), max_length=200, required=False)
    signature = forms.CharField(
        label=_("Signature"),
        required=False,
        max_length=20000,
        widget=RichText(rows=5),
        help_text=_("Stands at the end of every answer of this brand, below the agent's own signature."),
    )

    def __init__(self, *args: Any, brand: Brand | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if brand is not None:
            self.initial.update(
                {
                    "name": brand.name,
                    "colour": brand.colour,
                    "website": brand.website,
                    "signature": brand.signature_html,
                }
            )


class TeamForm(forms.Form):
    """The name of a team."""

    name = forms.CharField(label=_("Name"), max_length=80)


class TagForm(forms.Form):
    """The name of a tag; its colour follows from it."""

    name = forms.CharField(label=_("Name"), max_length=50)


class CannedReplyForm(forms.Form):
    """A canned reply."""

    name = forms.CharField(label=_("Name"), max_length=80)
    shortcut = forms.CharField(
        label=_("Shortcut"), max_length=41, help_text=_("What one types after the slash: one word.")
    )
    text = forms.CharField(label=_("Text"), max_length=50000, widget=RichText(rows=8))
    brand = forms.TypedChoiceField(
        label=_("Only for the brand"), coerce=int, required=False, empty_value=None
    )
    team = forms.TypedChoiceField(label=_("Only for the team"), coerce=int, required=False, empty_value=None)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        help_text=_("For customers who speak it, it stands first among the suggestions."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "brand", [("", _("All brands")), *((brand.pk, brand.name) for brand in brands())])
        choose(self, "team", [("", _("All teams")), *((team.pk, team.name) for team in teams())])
        choose(self, "language", [("", _("Any")), *all_languages()])
