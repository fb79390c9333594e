"""Which stored files are avatars."""

from collections.abc import Collection, Iterable

from rapport.staff.models import Agent


def avatar_files(ids: Collection[int]) -> Iterable[int]:
    """Return those of the given file ids that an agent wears."""
    return Agent.objects.filter(avatar_id__in=ids).values_list("avatar_id", flat=True)
