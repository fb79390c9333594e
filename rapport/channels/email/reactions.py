"""What mail does after an entry is committed: confirm receipt where an inbox asks for it."""

from django.utils import translation
from django.utils.translation import gettext as _

from rapport.channels.email.models import EmailSettings
from rapport.conversations.actions.acknowledge import acknowledge
from rapport.conversations.models import Entry, Message
from rapport.kernel.stream.reactions import reacts_to


@reacts_to("message.received")
def confirm_receipt(entry: Entry) -> None:
    """Send the acknowledgement of the inbox, if it has one, for a conversation's first message."""
    if not entry.payload["first"] or entry.payload["automatic"]:
        return
    message = Message.objects.select_related("conversation").filter(pk=entry.payload["message_id"]).first()
    if message is None:
        return
    settings = EmailSettings.objects.filter(inbox_id=message.inbox_id or 0, acknowledge=True).first()
    if settings is None:
        return
    with translation.override(message.conversation.customer.language or "en"):
        subject = _("We have received your message (#{number})")
        text = settings.acknowledgement or _(
            "Thank you for your message. It has reached {brand} as #{number}, and a person will answer it."
        )
    acknowledge(conversation_id=message.conversation_id, text=text, subject=subject)
