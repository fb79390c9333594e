"""Choosing how to be told."""

from collections.abc import Mapping

from django.db import transaction

from rapport.notifications.models import About, Preference
from rapport.staff.models import Agent

WAYS = ("bell", "desktop", "mail")


def prefer(*, agent: Agent, wishes: Mapping[About, Mapping[str, bool]]) -> None:
    """Set the ways (``bell``, ``desktop``, ``mail``) to tell of each thing; missing ones are off."""
    with transaction.atomic():
        for about, ways in wishes.items():
            Preference.objects.update_or_create(
                agent=agent, about=about, defaults={way: bool(ways.get(way)) for way in WAYS}
            )
