"""The mail servers of those providers whose addresses say that they are theirs.

Source: Thunderbird's database of providers, https://github.com/thunderbird/autoconfig (folder ``ispdb``).
Who has a domain of their own, such as the customers of IONOS, is not told by the address.
"""

from typing import Final, NamedTuple

from rapport.channels.email.models import EmailSettings, OAuth, Security


class MailHosts(NamedTuple):
    """Where a provider's mail is fetched and sent.

    ``short`` names the ways whose user name is only what stands before the @ of the address.
    """

    imap_host: str
    smtp_host: str
    smtp_port: int = 465
    smtp_security: Security = Security.TLS
    oauth_provider: OAuth = OAuth.NONE
    short: frozenset[str] = frozenset()


GOOGLE: Final = MailHosts("imap.gmail.com", "smtp.gmail.com", oauth_provider=OAuth.GOOGLE)
MICROSOFT: Final = MailHosts(
    "outlook.office365.com", "smtp.office365.com", 587, Security.STARTTLS, OAuth.MICROSOFT
)
_APPLE = MailHosts("imap.mail.me.com", "smtp.mail.me.com", 587, Security.STARTTLS, short=frozenset({"imap"}))
_FREENET = MailHosts("mx.freenet.de", "mx.freenet.de")
_GMX = MailHosts("imap.gmx.net", "mail.gmx.net")
_MAILBOX = MailHosts("imap.mailbox.org", "smtp.mailbox.org")
_POSTEO = MailHosts("posteo.de", "posteo.de")
_TELEKOM = MailHosts("secureimap.t-online.de", "securesmtp.t-online.de")
_WEB = MailHosts("imap.web.de", "smtp.web.de", short=frozenset({"imap", "smtp"}))
_YAHOO = MailHosts("imap.mail.yahoo.com", "smtp.mail.yahoo.com")

KNOWN: Final = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), GOOGLE),
    **dict.fromkeys(
        ("outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "live.com", "live.de", "msn.com"),
        MICROSOFT,
    ),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _APPLE),
    "freenet.de": _FREENET,
    **dict.fromkeys(("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.eu"), _GMX),
    "mailbox.org": _MAILBOX,
    **dict.fromkeys(("posteo.de", "posteo.net"), _POSTEO),
    **dict.fromkeys(("t-online.de", "magenta.de"), _TELEKOM),
    "web.de": _WEB,
    **dict.fromkeys(("yahoo.com", "yahoo.de"), _YAHOO),
}
"""By the domain of an address."""


def hosts_of(address: str) -> MailHosts | None:
    """Return the servers of the provider that gives such addresses; None where nobody can tell."""
    return KNOWN.get(address.rpartition("@")[2].lower())


def belongs_to(settings: EmailSettings, hosts: MailHosts) -> bool:
    """Tell whether these settings fetch or send at the provider of ``hosts``."""
    return settings.imap_host == hosts.imap_host or settings.smtp_host == hosts.smtp_host


def entered(hosts: MailHosts, address: str) -> dict[str, object]:
    """Return the fields of a connection that follow from provider and address."""
    name = address.rpartition("@")[0]
    return {
        "imap_host": hosts.imap_host,
        "imap_port": 993,
        "imap_security": Security.TLS,
        "imap_user": name if "imap" in hosts.short else address,
        "smtp_host": hosts.smtp_host,
        "smtp_port": hosts.smtp_port,
        "smtp_security": hosts.smtp_security,
        "smtp_user": name if "smtp" in hosts.short else address,
        "oauth_provider": hosts.oauth_provider,
    }
