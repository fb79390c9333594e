"""What may stand in a signature."""

from django.utils.translation import gettext_lazy as _

from rapport.kernel.text.places import strange_place
from rapport.kernel.text.sanitise import formatted
from rapport.staff.authority import Refused

VARIABLES = frozenset({"agent.name", "brand.name"})


def signature(html: str) -> str:
    """Return the sanitised signature; raises ``Refused`` where a variable in it is none."""
    cleaned = formatted(html)
    if strange := strange_place(cleaned, VARIABLES):
        words = _("%(strange)s is no variable of a signature. There are {agent.name} and {brand.name}.")
        raise Refused("signature", words % {"strange": strange})
    return cleaned
