"""What templates may name: order, product, dates and amounts of one conversation, said in its language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from rapport.demo.story.model import Company, Customer, Order
from rapport.demo.story.products import Product, pick
from rapport.demo.story.shop import INBOX_BY_KEY
from rapport.demo.story.texts import load
from rapport.demo.story.topics import Topic

_CARRIERS = {"DE": ("Nordfracht", "Paketweg", "Velopost"), "AT": ("Paketweg", "Alpin Kurier")}
_CARRIERS |= {"GB": ("Albion Parcels", "Transeo"), "IE": ("Emerald Parcel", "Transeo")}
_WORLD = ("Paketweg", "Transeo")
_SIZES = ("S", "M", "L", "XL")
_CODES = ("FRÜHLING10", "TOUR15", "HERBST20", "WIEDERDA", "LUFTPUMPE5", "NEWS10", "RADLOS15")


def said(day: date, language: str, *, weekday: bool = False) -> str:
    """A day as people write it in a mail of that language, without the year."""
    phrases = load("phrases")
    month, name = phrases["months"][language][day.month - 1], phrases["days"][language][day.weekday()]
    spoken = {"de": f"{day.day}. {month}", "es": f"{day.day} de {month}"}.get(language, f"{day.day} {month}")
    if not weekday or language == "pl":
        return spoken
    return f"{name}{', ' if language in ('de', 'en') else ' '}{spoken}"


def money(cents: int, language: str) -> str:
    """An amount without its currency sign."""
    whole, part = divmod(cents, 100)
    return f"{whole}.{part:02d}" if language == "en" else f"{whole},{part:02d}"


def carrier_for(rng: Random, country: str) -> str:
    """A carrier that delivers to that country."""
    return rng.choice(_CARRIERS.get(country, _WORLD))


class Numbers:
    """Gives out order numbers that rise with the day and are never given twice."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def order(self, rng: Random, day: date, prefix: str) -> str:
        """The number of an order placed on ``day``."""
        number = 100_000 + (day.toordinal() - date(2019, 1, 1).toordinal()) * 61 + rng.randrange(61)
        while number in self._given:
            number += 1
        self._given.add(number)
        return f"{prefix}-{number}"


def buy(rng: Random, numbers: Numbers, customer: Customer, product: Product, day: date, prefix: str) -> Order:
    """An order of one product, with its parcel."""
    carrier = carrier_for(rng, customer.country)
    tracking = f"{carrier[:2].upper()}{rng.randrange(10**9, 10**10)}"
    name = dict(product.names)["en"]
    total = product.price * 100 - (rng.choice((1, 5, 10)) if product.price < 400 else 0)
    number = numbers.order(rng, day, prefix)
    return Order(number, customer.key, day, name, total, carrier, tracking)


def product_for(rng: Random, topic: Topic, brand: str) -> Product:
    """What a topic is about; a refurbished bike for Zweitgang is any bike."""
    return pick(rng, "bike" if brand == "zweitgang" and topic.product != "ebike" else topic.product)


def fill(
    rng: Random, customer: Customer, topic: Topic, product: Product, order: Order, firm: Company
) -> dict[str, str]:
    """All slots of one conversation; ``when`` is set again for every answer."""
    language = customer.language
    bike = product if product.category in ("bike", "ebike") else pick(rng, "bike")
    sizes = (
        rng.sample(_SIZES, 2)
        if topic.product == "clothing"
        else [str(s) for s in rng.sample((48, 51, 54, 57, 60), 2)]
    )
    colours = rng.sample(load("phrases")["colours"][language], 2)
    city = customer.city
    return {
        **product.slots(language),
        "bike": dict(bike.names)["en"],
        "order": order.number,
        "date": said(order.placed_on, language),
        "tracking": order.tracking,
        "carrier": order.carrier,
        "invoice": f"R{order.placed_on:%y%m}-{order.number[-5:]}",
        "amount": money(order.total, language),
        "size": sizes[0],
        "size_b": sizes[1],
        "colour": colours[0],
        "colour_b": colours[1],
        "code": rng.choice(_CODES),
        "shop": rng.choice(("Kassel", "Leipzig", "Wien")),
        "n": str(rng.randrange(3, 10)),
        "km": f"{rng.randrange(3, 74) * 50}",
        "height": str(rng.randrange(156, 198)),
        "year": str(order.placed_on.year - rng.randrange(2, 7)),
        "pcs": str(rng.randrange(6, 48)),
        "serial": f"{rng.choice('KLT')}{rng.randrange(10**6, 10**7)}",
        "city": city,
        "street": customer.street,
        "company": firm.name,
        "first": customer.first_name,
        "last": customer.last_name,
        "inbox": INBOX_BY_KEY[topic.inbox].address,
        "when": "",
    }


def promise(slots: Mapping[str, str], rng: Random, day: date, language: str) -> dict[str, str]:
    """The slots with ``when`` two to five days after ``day``, never a Sunday."""
    when = day + timedelta(days=rng.randrange(2, 6))
    if when.weekday() == 6:
        when += timedelta(days=1)
    return {**slots, "when": said(when, language, weekday=True)}
