"""Parts of addresses: what a route takes for a number."""

from django.urls import register_converter
from django.urls.converters import IntConverter


class IdConverter(IntConverter):
    """``<id:…>``: a whole number that both databases can hold; a longer one is no address of ours."""

    regex = "[0-9]{1,18}"


def register() -> None:
    """Let routes say ``<id:…>``; called once by the app's ``ready``."""
    register_converter(IdConverter, "id")
