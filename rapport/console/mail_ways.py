"""From which kind of provider an inbox has its mail: what one chooses first, and which fields follow."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.channels.email.mail_hosts import GOOGLE, MICROSOFT, MailHosts, belongs_to, entered, hosts_of
from rapport.channels.email.models import EmailSettings, Incoming, OAuth, Outgoing
from rapport.console.forms.inboxes import INCOMING, MORE, OAUTH, OUTGOING

Sections = tuple[tuple[Promise, tuple[str, ...]], ...]
EVERYTHING: Sections = (
    (_("Incoming"), INCOMING),
    (_("Outgoing"), OUTGOING),
    (_("Sign-in with Google or Microsoft"), OAUTH),
    (_("More"), MORE),
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One kind of provider: how it is offered, what to know before, and its own fields."""

    key: str
    label: str | Promise
    detail: str | Promise
    icon: str
    hint: str | Promise
    sections: Sections
    incoming: Incoming = Incoming.IMAP
    outgoing: Outgoing = Outgoing.SMTP
    hosts: MailHosts | None = None

    def folded(self) -> tuple[str, ...]:
        """Return the other fields, which most people leave as they are."""
        shown = {name for _title, names in self.sections for name in names}
        return tuple(name for _title, names in EVERYTHING for name in names if name not in shown)

    def filled(self, address: str, stored: EmailSettings) -> dict[str, object]:
        """Return the fields that are clear once this kind is chosen in place of what is ``stored``."""
        hosts = self.hosts or (hosts_of(address) if self.key == "server" else None)
        named = entered(hosts, address) if hosts else {}
        if self.key == "server":
            named = {"imap_user": address, "smtp_user": address} | named
        if self.hosts is None and self.outgoing == Outgoing.SMTP:
            named = _without_hosts(stored) | named | {"oauth_provider": OAuth.NONE}
        return {**named, "incoming": self.incoming, "outgoing": self.outgoing}


_APP = ("oauth_client_id", "oauth_client_secret")
_IN = (_("Incoming"), ("imap_user", "imap_secret"))
_OUT = (_("Outgoing"), ("smtp_user", "smtp_secret"))
_SENT_BY_SERVER = (_("Outgoing"), ("smtp_host", "smtp_user", "smtp_secret"))
WAYS = (
    Way(
        key="google",
        label="Google",
        detail=_("Gmail and Google Workspace"),
        icon="mail",
        hint=_(
            "Google lets no mail program in with the ordinary password. Either register Rapport there once "
            "as an app and sign in, or make an app password in the Google account and choose “Password” here."
        ),
        sections=((_("Sign-in"), ("oauth_provider", *_APP)), _IN, _OUT),
        hosts=GOOGLE,
    ),
    Way(
        key="microsoft",
        label="Microsoft",
        detail=_("Microsoft 365, Exchange Online and Outlook.com"),
        icon="building-2",
        hint=_(
            "Microsoft lets no mail program in with a password. Register Rapport there once as an app, save "
            "the client ID and the client secret here, then sign in."
        ),
        sections=((_("Sign-in"), ("oauth_tenant", *_APP)), (_("Mailbox"), ("imap_user",))),
        hosts=MICROSOFT,
    ),
    Way(
        key="server",
        label=_("Another mailbox"),
        detail=_("GMX, WEB.DE, IONOS, Telekom, your web host: everything with a user name and a password"),
        icon="server",
        hint=_(
            "Many providers ask you to allow the access by IMAP in the settings of the mailbox first, and "
            "some want an app password. The names of the servers stand in the help of your provider."
        ),
        sections=((_("Incoming"), ("imap_host", "imap_user", "imap_secret")), _SENT_BY_SERVER),
    ),
    Way(
        key="service",
        label=_("A mail service for programs"),
        detail=_("Mailgun, Postmark, Brevo and the like, which call Rapport for each mail"),
        icon="zap",
        hint=_("Create the key at the service, and enter there the address that Rapport is called at."),
        sections=(
            (_("Incoming"), ("webhook_provider", "webhook_secret", "webhook_api_key")),
            (_("Outgoing"), ("provider", "provider_key", "provider_options")),
        ),
        incoming=Incoming.WEBHOOK,
        outgoing=Outgoing.PROVIDER,
    ),
    Way(
        key="own",
        label=_("Our own mail server"),
        detail=_("Postfix, Exim and others that hand mail over by LMTP or a pipe"),
        icon="layers",
        hint=_("For whoever runs the mail server: it hands each mail over as said below."),
        sections=((_("Incoming"), ()), _SENT_BY_SERVER),
        incoming=Incoming.SERVER,
    ),
)
BY_KEY = {way.key: way for way in WAYS}


def way_of(settings: EmailSettings) -> Way | None:
    """Return the kind of provider that saved settings are about; None where nothing or a mixture is set."""
    used = {settings.incoming, settings.outgoing} - {Incoming.NONE.value, Outgoing.NONE.value}
    for way in WAYS:
        fits = used and used <= {way.incoming.value, way.outgoing.value}
        if fits and (way.hosts is None or belongs_to(settings, way.hosts)):
            return way
    return None


def _without_hosts(settings: EmailSettings) -> dict[str, object]:
    """Return empty servers where the settings are about a provider that has its own; nothing elsewhere."""
    former = way_of(settings)
    return {"imap_host": "", "smtp_host": ""} if former and former.hosts else {}


def way_for(address: str) -> Way | None:
    """Return the kind of provider that an address tells; None where it may be any."""
    hosts = hosts_of(address)
    if hosts is None:
        return None
    return next((way for way in WAYS if way.hosts == hosts), BY_KEY["server"])
