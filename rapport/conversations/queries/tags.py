"""Tags that a search asks for and nobody has made."""

from difflib import get_close_matches

from rapport.conversations.models import Tag as MadeTag
from rapport.kernel.search.query import Query, Tag

MOST_COMPARED = 1000
MOST_NEAR = 3


def unknown_tags(query: Query) -> dict[str, list[str]]:
    """Return the names asked for that no tag has, each with those that are like it; no query for none."""
    asked = [term.name for term in query.terms if isinstance(term, Tag) and not term.negated]
    if not asked:
        return {}
    names = MadeTag.objects.order_by("name").values_list("name", flat=True)[:MOST_COMPARED]
    made = {name.casefold(): name for name in names}
    unknown = [name for name in asked if name.casefold() not in made and not _is_made(name)]
    return {name: _near(name.casefold(), made) for name in unknown}


def _is_made(name: str) -> bool:
    """Tell whether a tag is among those that were not compared, of which there may be very many."""
    return MadeTag.objects.filter(name__iexact=name).exists()


def _near(wanted: str, made: dict[str, str]) -> list[str]:
    holding = sorted(each for each in made if wanted in each)
    found = dict.fromkeys([*holding, *get_close_matches(wanted, made, MOST_NEAR)])
    return [made[each] for each in found][:MOST_NEAR]
