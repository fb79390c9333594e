"""Inviting and changing members of staff."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.console.forms.fields import choose, languages, refuse
from rapport.staff.actions.first_administrator import check_first_password
from rapport.staff.authority import Refused, manages
from rapport.staff.models import Agent
from rapport.staff.permissions import ROLE_REACH, Reach
from rapport.staff.queries.people import brands, teams
from rapport.staff.roles import Role
from rapport.ui.choices import zones
from rapport.ui.rich_text import RichText


class PlaceForm(forms.Form):
    """Role, teams and brands of somebody."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.REPRESENTATIVE)
    teams = forms.TypedMultipleChoiceField(
        label=_("Teams"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    brands = forms.TypedMultipleChoiceField(
        label=_("Brands"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, asker: Agent, agent: Agent | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "teams", [(team.pk, team.name) for team in teams()])
        choose(self, "brands", [(brand.pk, brand.name) for brand in brands()])
        held = None if agent is None else agent.role
        if held != Role.ADMINISTRATOR and not manages(asker, Role.ADMINISTRATOR):
            allowed = [choice for choice in Role.choices if choice[0] != Role.ADMINISTRATOR]
            choose(self, "role", allowed)
        if agent is not None:
            self.initial.update(
                {
                    "role": agent.role,
                    "teams": [team.pk for team in agent.teams.all()],
                    "brands": [brand.pk for brand in agent.brands.all()],
                }
            )


class InviteForm(PlaceForm):
    """A new member of staff."""

    name = forms.CharField(label=_("Name"), max_length=120)
    address = forms.EmailField(label=_("Mail address"), max_length=254)
    language = forms.ChoiceField(label=_("Language"), choices=languages)
    field_order = ("name", "address", "role", "teams", "brands", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if teams().exists():
            self.fields["teams"].widget.is_required = True
            self.fields["teams"].help_text = _(
                "Representatives see only the conversations of their teams; specialists and team leads"
                " also those of their brands. Other roles need no team."
            )

    def clean(self) -> dict[str, Any] | None:
        """Refuse a place from which one sees no conversation at all."""
        given = self.cleaned_data
        reach = ROLE_REACH[Role(given["role"])] if "role" in given else None
        nowhere = not given.get("teams") and not (reach is Reach.BRANDS and given.get("brands"))
        if reach in (Reach.TEAMS, Reach.BRANDS) and nowhere and teams().exists():
            self.add_error(
                "teams",
                gettext("Choose a team: with this role one sees the conversations of one's teams only.")
                if reach is Reach.TEAMS
                else gettext("Choose a team or a brand: with this role one sees their conversations only."),
            )
        return super().clean()


class PersonForm(PlaceForm):
    """Name and place of a member of staff."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    field_order = ("name", "role", "teams", "brands")

    def __init__(self, *args: Any, asker: Agent, agent: Agent, **kwargs: Any) -> None:
        super().__init__(*args, asker=asker, agent=agent, **kwargs)
        if not manages(asker, agent.role):
            for field in self.fields.values():
                field.disabled = True
        self.initial["name"] = agent.name
        self.fields["name"].widget.is_required = True


class ProfileForm(forms.Form):
    """What somebody says about themselves."""

    name = forms.CharField(label=_("Name"), max_length=120)
    public_name = forms.CharField(
        label=_("Name shown to customers"),
        max_length=120,
        required=False,
        help_text=_("Empty: customers see your name."),
    )
    bio = forms.CharField(label=_("About"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=languages)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    signature = forms.CharField(
        label=_("Signature"),
        required=False,
        max_length=20000,
        widget=RichText(rows=4),
        help_text=_("Stands under your answers, above the signature of the brand."),
    )

    def __init__(self, *args: Any, agent: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(
            {
                "name": agent.name,
                "public_name": agent.public_name,
                "bio": agent.bio,
                "language": agent.language,
                "time_zone": agent.time_zone,
                "signature": agent.signature_html,
            }
        )


class PasswordForm(forms.Form):
    """Choosing a password with an invitation."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters. A short sentence is easy to remember and hard to guess."),
    )


class SetUpForm(PasswordForm):
    """The first administrator, with a brand and a team."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    address = forms.EmailField(
        label=_("Your mail address"), max_length=254, help_text=_("You sign in with it.")
    )
    brand_name = forms.CharField(
        label=_("Name of your company or brand"),
        max_length=80,
        help_text=_("Customers see it in your mails."),
    )
    team_name = forms.CharField(label=_("First team"), max_length=80, initial=_("Support"))
    field_order = ("name", "address", "password", "brand_name", "team_name")

    def clean(self) -> dict[str, Any] | None:
        """Say what is wrong with the password together with everything else."""
        given = self.cleaned_data
        if "password" in given:
            try:
                check_first_password(
                    given["password"], name=given.get("name", ""), address=given.get("address", "")
                )
            except Refused as refused:
                refuse(self, refused)
        return super().clean()
