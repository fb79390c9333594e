"""The navigation of the settings pages, filled by the packages above in ``AppConfig.ready``."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.urls import reverse
from django.utils.functional import Promise


class Asker(Protocol):
    """Who looks at the page: anything that can say what it may do."""

    def can(self, permission: str, /) -> bool:
        """Return whether the asker has ``permission``."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry; ``permission`` hides it from those who lack it, empty shows it to everybody."""

    key: str
    label: str | Promise
    url_name: str
    icon: str
    section: str = "company"
    permission: str = ""
    order: int = 100


@dataclass(frozen=True)
class Link:
    """An entry as a template needs it."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True)
class Section:
    """A titled group of links."""

    label: str
    items: list[Link]


_items: dict[str, Item] = {}
_sections: dict[str, tuple[int, str | Promise]] = {}


def register_section(key: str, label: str | Promise, *, order: int) -> None:
    """Add a titled group that items may name."""
    _sections[key] = (order, label)


def register(item: Item) -> None:
    """Add ``item``.

    Raises:
        ValueError: the key is taken by another item.

    """
    if _items.get(item.key, item) != item:
        raise ValueError(f"navigation item {item.key!r} is registered twice")
    _items[item.key] = item


def items() -> Iterable[Item]:
    """Return all entries in their order."""
    return sorted(_items.values(), key=lambda item: (item.order, item.key))


def sections(asker: Asker | None) -> list[Section]:
    """Return the groups that ``asker`` may see, without empty ones."""
    found = []
    for key, (_, label) in sorted(_sections.items(), key=lambda pair: pair[1][0]):
        links = [
            Link(str(item.label), reverse(item.url_name), item.icon)
            for item in items()
            if item.section == key
            and (not item.permission or (asker is not None and asker.can(item.permission)))
        ]
        if links:
            found.append(Section(str(label), links))
    return found
