"""Whether the customer of a conversation can be written to."""

from django.utils.translation import gettext as _

from rapport.conversations.models import Conversation
from rapport.conversations.recipients import is_no_reply


def unreachable(conversation: Conversation) -> str:
    """Say why no answer can reach the customer by itself, in the reader's language; empty where one can."""
    identity = conversation.identity
    if identity is None or identity.kind != "email":
        return _("No mail address of this customer is known. Enter one in “To”.")
    if is_no_reply(identity.value):
        words = _("%(address)s is a no-reply address, which nobody reads. Enter another one in “To”.")
        return words % {"address": identity.value}
    return ""
