"""Every route of the product with its door, read from the URL map itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from rapport.staff.doors import door_of

ABSENT = 999_999_999
SAMPLES: dict[str, Any] = {
    "uidb36": "1",
    "key": "no-such-key",
    "token": "no-such-token",
    "path": "no-such-path",
    "digest": "000000000000",
    "name": "nothing",
    "which": "status",
    "pk": ABSENT,
    "number": ABSENT,
    "identity": ABSENT,
    "message": ABSENT,
}


@dataclass(frozen=True)
class Route:
    """One route: its name with namespace, its pattern, what it takes, and its view."""

    name: str
    pattern: str
    takes: tuple[str, ...]
    view: Callable[..., Any]

    @property
    def door(self) -> str | None:
        return door_of(self.view, self.name)

    @property
    def package(self) -> str:
        inner = getattr(self.view, "view_class", self.view)
        return str(inner.__module__)

    def address(self, **values: Any) -> str:
        """The address with these values, and samples of things that do not exist for the others."""
        return reverse(
            self.name, kwargs={key: values.get(key, SAMPLES.get(key, "nothing")) for key in self.takes}
        )


def all_routes() -> list[Route]:
    return sorted(_walk(get_resolver().url_patterns, "", ""), key=lambda route: route.name)


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, f"{prefix}{entry.pattern}", inner)
        elif isinstance(entry, URLPattern):
            takes = tuple(key for key in _takes(entry) if key not in (entry.default_args or {}))
            yield Route(f"{namespace}{entry.name}", f"{prefix}{entry.pattern}", takes, entry.callback)


def _takes(entry: URLPattern) -> list[str]:
    regex = entry.pattern.regex
    return sorted(regex.groupindex, key=lambda name: regex.groupindex[name])
