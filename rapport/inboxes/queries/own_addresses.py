"""The addresses that are ours."""

from django.db.models import QuerySet

from rapport.inboxes.models import Inbox
from rapport.kernel.db.prepared import prepared


def own_addresses() -> frozenset[str]:
    """Return the addresses of all our e-mail inboxes in lower case."""
    return frozenset(address.lower() for address in _addresses())


@prepared
def _addresses() -> QuerySet[Inbox, str]:
    return Inbox.objects.filter(kind="email").values_list("address", flat=True)
