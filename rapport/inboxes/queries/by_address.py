"""Which inbox an envelope recipient means."""

from django.db.models.functions import Lower

from rapport.inboxes.addresses import spellings
from rapport.inboxes.models import Inbox


def inbox_by_address(address: str) -> Inbox | None:
    """Return the e-mail inbox of an address or of one of its plus addresses."""
    exact, plain = spellings(address.replace("\0", ""))
    inboxes = Inbox.objects.annotate(lowered=Lower("address")).filter(
        kind="email", lowered__in={exact, plain}
    )
    found = {each.address.lower(): each for each in inboxes}
    return found.get(exact) or found.get(plain)
