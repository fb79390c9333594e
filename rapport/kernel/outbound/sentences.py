"""Why an address of somebody else was not fetched, or system mail not sent: every sentence by its code."""

from rapport.kernel.sentences import Sentences
from rapport.kernel.sentences import gettext_noop as _

sentence = Sentences(
    "outbound",
    {
        "no_address": _("{host} has no address on the internet ({error})."),
        "not_public": _("{host} is not on the public internet."),
        "too_slow": _("The answer took too long."),
        "no_file": _("{path} is no address."),
        "no_answer": _("{host} did not answer ({error})."),
        "redirects": _("The address leads on to another one more than {most} times."),
        "no_url": _("This is no web address."),
        "no_web": _("Only http and https addresses are fetched."),
        "user_name": _("Addresses with a user name are not fetched."),
        "port": _("Nothing is fetched from port {port}."),
        "packed": _("The answer is packed, which was not asked for."),
        "too_large": _("The answer is larger than {most} bytes."),
        "no_mail_server": _("System mail waits: RAPPORT_SMTP_URL is not set."),
        "mail_server_away": _("The mail server for system mail cannot be reached: {error}"),
        "mail_refused": _("The mail server for system mail said: {status} {words}"),
    },
)
