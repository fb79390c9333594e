"""What the shop sells, in the words of each language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from random import Random

from rapport.demo.story.texts import load

_GERMAN = {"m": ("der", "den", "dem"), "f": ("die", "die", "der"), "n": ("das", "das", "dem")}
_ARTICLE = re.compile(r"^(l'|les? |las? |el |los |de |het )")
_BIKE_ARTICLES = {"fr": "le ", "es": "la ", "nl": "de "}


@dataclass(frozen=True, slots=True)
class Product:
    """A thing on sale; ``price`` in whole euros, ``names`` by language (with article in fr, es, nl)."""

    category: str
    gender: str
    names: tuple[tuple[str, str], ...]
    price: int

    def slots(self, language: str) -> dict[str, str]:
        """The product's words for templates of a language."""
        name = dict(self.names)[language]
        der, den, dem = _GERMAN[self.gender]
        return {
            "item": _ARTICLE.sub("", name) if language in _BIKE_ARTICLES else name,
            "the_item": name,
            "nom_item": f"{der} {name}",
            "acc_item": f"{den} {name}",
            "dat_item": f"{dem} {name}",
        }


def _bike(category: str, name: str, price: int) -> Product:
    names = tuple(
        (lang, _BIKE_ARTICLES.get(lang, "") + name) for lang in ("de", "en", "fr", "es", "nl", "pl")
    )
    return Product(category, "n", names, price)


@cache
def catalogue() -> dict[str, tuple[Product, ...]]:
    """All products by category; "any" holds bikes and gear."""
    data = load("products")
    found: dict[str, list[Product]] = {"bike": [], "ebike": [], "any": []}
    for category in ("bike", "ebike"):
        found[category] = [_bike(category, name, price) for name, price in data[f"{category}s"]]
    for category, german, gender, english, french, spanish, dutch, polish, price in data["gear"]:
        words = {"de": german, "en": english, "fr": french, "es": spanish, "nl": dutch, "pl": polish}
        product = Product(category, gender, tuple(words.items()), price)
        found.setdefault(category, []).append(product)
        found["any"].append(product)
    found["gear"] = [p for p in found["any"] if p.category in ("gear", "clothing", "light")]
    found["any"] = found["any"] + found["bike"]
    return {category: tuple(products) for category, products in found.items()}


def pick(rng: Random, category: str) -> Product:
    """Any product of a category."""
    return rng.choice(catalogue()[category])
