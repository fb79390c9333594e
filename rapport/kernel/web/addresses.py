"""Addresses of our own pages, looked up once."""

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=2048)
def address(name: str, *args: str | int) -> str:
    """Return what ``reverse`` says; for the same few addresses that every page shows.

    Raises:
        NoReverseMatch: no route has this name and takes these arguments.

    """
    return reverse(name, args=args)
