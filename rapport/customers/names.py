"""The words of people's names, by which they are found whichever of them is typed."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from rapport.customers.models import Customer, NameWord
from rapport.kernel.text.normalise import words

MOST = 8
LENGTH = 50


def words_of(name: str) -> list[str]:
    """Return the words of a name in search form, each once."""
    return list(dict.fromkeys(word[:LENGTH] for word in words(name)))[:MOST]


def called(name: str, addresses: Sequence[str]) -> str:
    """Return how a screen calls somebody: by the name, else by the first of their ``addresses``."""
    return name or (addresses[0] if addresses else _("Unknown"))


def remember_name(customer: Customer, *, new: bool = False) -> None:
    """Keep the words of the present name, in the caller's transaction."""
    if not new:
        NameWord.objects.filter(customer=customer).delete()
    found = words_of(customer.name)
    if found:
        NameWord.objects.bulk_create(NameWord(customer=customer, word=word) for word in found)
