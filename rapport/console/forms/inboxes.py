"""Adding and connecting inboxes."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.channels.email.actions.connect import ENTER_AGAIN, SECRETS
from rapport.channels.email.entrusted import betrayed
from rapport.channels.email.models import EmailSettings
from rapport.channels.email.providers import PROVIDERS
from rapport.channels.email.receive.services import SERVICES
from rapport.console.forms.fields import choose
from rapport.inboxes.models import Inbox
from rapport.staff.queries.people import brands, teams

INCOMING = (
    "incoming",
    "webhook_provider",
    "webhook_secret",
    "webhook_api_key",
    "imap_host",
    "imap_port",
    "imap_security",
    "imap_user",
    "imap_secret",
    "imap_folders",
    "sent_folder",
    "after_read",
    "move_to",
    "history",
    "history_days",
)
OUTGOING = (
    "outgoing",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_user",
    "smtp_secret",
    "provider",
    "provider_key",
    "provider_options",
)
NEEDED = {"imap": ("imap_host", "imap_user"), "smtp": ("smtp_host",)}
"""What a way in or out cannot do without; the other fields of it have a sensible rest."""
HELP = {
    "authserv_id": _(
        "The first word of the Authentication-Results header that your mail server adds, such as "
        "mx.shop.example. Senders are believed only by what stands under this name."
    ),
    "spam_header": _(
        "The header by which your mail server marks spam, such as X-Spam-Flag: YES. It counts only where the "
        "field above is filled in."
    ),
    "form_sender": _(
        "The address from which your contact form or shop writes for customers. Its mails belong to whom the "
        "next field finds in them."
    ),
    "customer_pattern": _(
        "The lines of such a mail that name the customer, with {email} and {name} in their places: "
        "E-mail: {email}"
    ),
}
"""What fields mean whose names alone do not say it."""
OAUTH = ("oauth_provider", "oauth_tenant", "oauth_client_id", "oauth_client_secret", "oauth_refresh_token")
MORE = (
    "authserv_id",
    "spam_header",
    "form_sender",
    "customer_pattern",
    "acknowledge",
    "acknowledgement",
)


class InboxForm(forms.Form):
    """The name and address of an inbox, and where its mail goes."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Agents see it: Support, Orders, Returns.")
    )
    address = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        help_text=_("Customers write to it, and answers come from it."),
    )
    sender_name = forms.CharField(
        label=_("Sender's name"), max_length=120, required=False, help_text=_("Empty: the name of the brand.")
    )
    brand = forms.TypedChoiceField(label=_("Brand"), coerce=int)
    team = forms.TypedChoiceField(label=_("Team"), coerce=int, help_text=_("New mail goes to its people."))

    def __init__(self, *args: Any, inbox: Inbox | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "brand", [(brand.pk, brand.name) for brand in brands()])
        choose(self, "team", [(team.pk, team.name) for team in teams()])
        if inbox is not None:
            self.initial.update(
                {
                    "name": inbox.name,
                    "address": inbox.address,
                    "sender_name": inbox.sender_name,
                    "brand": inbox.brand_id,
                    "team": inbox.team_id,
                }
            )


if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[EmailSettings]
else:
    _ModelForm = forms.ModelForm


class ConnectForm(_ModelForm):
    """How mail comes in and goes out. Secrets are never shown again: an empty one keeps what is stored."""

    imap_folders = forms.CharField(label=_("Folders"), max_length=2000, help_text=_("Several with commas."))
    provider = forms.ChoiceField(label=_("Mail service"), required=False)
    webhook_provider = forms.ChoiceField(label=_("Mail service that calls us"), required=False)
    provider_options = forms.CharField(
        label=_("Further settings of the service"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One in a line, such as sender_domain = mg.shop.example"),
    )

    class Meta:
        model = EmailSettings
        fields = (*INCOMING, *OUTGOING, *OAUTH, *MORE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = [("", _("None")), *((key, each.label) for key, each in PROVIDERS.items())]
        choose(self, "provider", services)
        callers = [("", _("None")), *((key, each.label) for key, each in SERVICES.items())]
        choose(self, "webhook_provider", callers)
        for name in SECRETS:
            kept = bool(getattr(self.instance, name))
            self.fields[name] = forms.CharField(
                label=self.fields[name].label,
                required=False,
                max_length=10_000,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
                help_text=_("Stored. Leave empty to keep it.") if kept else "",
            )
        for name in ("imap_port", "smtp_port"):
            self.fields[name] = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
        for name in (*NEEDED["imap"], *NEEDED["smtp"]):
            self.fields[name].widget.is_required = True  # The label does not call it optional.
        self.fields["history_days"] = forms.IntegerField(label=_("Days"), min_value=1, max_value=3650)
        for name, words in HELP.items():
            self.fields[name].help_text = words
        self.fields["oauth_tenant"].help_text = _("Microsoft only; empty: accounts of any organisation.")
        self.initial["imap_folders"] = ", ".join(self.instance.imap_folders)
        options = self.instance.provider_options.items()
        self.initial["provider_options"] = "\n".join(f"{name} = {value}" for name, value in options)

    def clean(self) -> dict[str, Any] | None:
        """Ask for what the chosen ways cannot do without, and again for secrets that others would get."""
        if not self.errors:
            for name, needed in betrayed(self.instance, self.cleaned_data).items():
                if needed:
                    self.add_error(name, str(ENTER_AGAIN))
                    self[name].help_text = ""  # It says that an empty field keeps what is stored.
        for way in ("incoming", "outgoing"):
            for name in NEEDED.get(self.cleaned_data.get(way, ""), ()):
                if not self.cleaned_data.get(name):
                    self.add_error(name, gettext("It does not work without this."))
        return super().clean()

    def clean_imap_folders(self) -> list[str]:
        """Return the folders as a list."""
        return [each.strip() for each in self.cleaned_data["imap_folders"].split(",") if each.strip()] or [
            "INBOX"
        ]

    def clean_provider_options(self) -> dict[str, str]:
        """Return the lines as names and values."""
        lines = [
            line.partition("=") for line in self.cleaned_data["provider_options"].splitlines() if line.strip()
        ]
        if any(not sign or not name.strip() for name, sign, _value in lines):
            raise forms.ValidationError(_("Write name = value in each line."))
        return {name.strip(): value.strip() for name, _sign, value in lines}
