"""What a notification says: who, what, which number. Never a word of a message."""

from django.utils.translation import gettext as _

from rapport.notifications.models import About, Notification


def sentence(notification: Notification) -> str:
    """Return the notification in one line, in the present language."""
    values = {
        "who": notification.by.name if notification.by else _("Rapport"),
        "number": notification.conversation_number or 0,
        "inbox": notification.inbox.name if notification.inbox else "",
    }
    match About(notification.about):
        case About.ASSIGNED:
            return _("%(who)s assigned conversation #%(number)s to you") % values
        case About.MENTIONED:
            return _("%(who)s mentioned you in conversation #%(number)s") % values
        case About.ANSWERED:
            return _("The customer answered in conversation #%(number)s") % values
        case About.FORWARD:
            return _("A third party answered in conversation #%(number)s") % values
        case About.FAILED:
            return _("Your message in conversation #%(number)s could not be delivered") % values
        case About.INBOX:
            return _("The inbox %(inbox)s has trouble") % values
