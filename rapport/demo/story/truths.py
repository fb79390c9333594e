"""The planted truths: TRUTHS.toml says what happened, this tells the conversations that show it."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from rapport.demo.story import slots, threads
from rapport.demo.story.model import Conversation, Customer
from rapport.demo.story.products import catalogue
from rapport.demo.story.rhythm import answer_time, comeback_time, customer_time
from rapport.demo.story.scene import Scene, World
from rapport.demo.story.texts import load
from rapport.demo.story.topics import TOPICS, Topic

LEVER = Topic(
    "brake_lever_crack", "technical_problem", "landstrich-support", "technical", "bike", 0, ("brakes",)
)


@cache
def truths() -> dict[str, dict[str, Any]]:
    """TRUTHS.toml, read once."""
    with (Path(__file__).parent.parent / "TRUTHS.toml").open("rb") as source:
        return tomllib.load(source)


def people() -> list[Customer]:
    """The two customers who have a story of their own."""
    return [
        Customer(
            "needy-gundula",
            "Gundula",
            "Reimers",
            "f",
            "g.reimers@postfach.example",
            "de",
            "DE",
            "Niedersachsen",
            "Hainbundstraße 18",
            "37085",
            "Göttingen",
            "+49 551 772 0418",
            "Europe/Berlin",
            "thunderbird",
            note="Teacher; writes often, always politely.",
        ),
        Customer(
            "loyal-dervla",
            "Dervla",
            "Quigley",
            "f",
            "dervla.quigley@mailhaven.example",
            "en",
            "IE",
            "Cork",
            "4 Harbour View",
            "T12 RX3V",
            "Cork",
            "+353 87 441 9026",
            "Europe/Dublin",
            "gmail",
            note="Orders for herself and half her club.",
            tags=("regular",),
        ),
    ]


def _day(world: World, days: float) -> datetime:
    return world.until - timedelta(days=days)


def _at(world: World, customer: Customer, days: int) -> datetime:
    """A moment on the day that lies so many days back."""
    return customer_time(world.rng, _day(world, days).date(), customer.time_zone)


def _spread(first: int, last: int, count: int) -> list[int]:
    """``count`` days from ``first`` back to ``last``, both included, evenly."""
    return [round(first - (first - last) * step / (count - 1)) for step in range(count)]


def _simple(
    scene: Scene, at: datetime, subject: str, first: str, answer: str, *, files: tuple[str, ...] = ()
) -> None:
    """A mail and its answer, sometimes with thanks."""
    rng = scene.world.rng
    scene.mail(at, first, subject=subject, with_files=files)
    when = answer_time(rng, at)
    threads.work(scene, at, when)
    scene.reply(when, answer, with_files=scene.topic.answer_files)
    if rng.random() < 0.3:
        scene.set_status(when + timedelta(seconds=1), "waiting")
        scene.mail(comeback_time(rng, when), rng.choice(load("phrases")[scene.customer.language]["thanks"]))
    threads.settle(scene)


def strike(world: World, customers: list[Customer]) -> list[Conversation]:
    """The carrier strike: a wave of questions from two regions that rises quickly and ebbs away."""
    truth, words, rng = truths()["carrier_strike"], load("truths")["strike"], world.rng
    there = [c for c in customers if c.region in truth["regions"] and not c.company]
    rng.shuffle(there)
    span = range(truth["contacts_to"], truth["contacts_from"] + 1)
    days = sorted(
        rng.choices(
            span, [1 + 3 * (8 - abs(d - truth["contacts_from"] + 4)) for d in span], k=truth["conversations"]
        )
    )
    found = []
    for number, day in enumerate(reversed(days), 1):
        customer = there[number % len(there)]
        topic = TOPICS[truth["topic"]]
        at = _at(world, customer, day)
        product = slots.product_for(rng, topic, "landstrich")
        order = slots.buy(
            rng,
            world.numbers,
            customer,
            product,
            _day(world, truth["first_day"] + 3 - number // 6).date(),
            "LS",
        )
        order = type(order)(
            order.number,
            order.customer,
            order.placed_on,
            order.product,
            order.total,
            truth["carrier"],
            f"NO{rng.randrange(10**9, 10**10)}",
        )
        scene = Scene(
            world,
            f"{truth['key_prefix']}{number:02d}",
            customer,
            topic,
            at,
            product=product,
            order=order,
            truth="carrier_strike",
        )
        named = number <= truth["naming_the_carrier"]
        subjects = [s for s in words["subject"] if named or "$carrier" not in s]
        first = rng.choice(words["named" if named else "unnamed"])
        if rng.random() < 0.25:
            scene.texts = {**words, "subject": subjects, "first": [first], "answer": words["answer"][1:]}
            threads.converse(scene, at, 4)
            threads.settle(scene)
        else:
            _simple(scene, at, rng.choice(subjects), first, words["answer"][0])
        found.append(scene.close())
    return found


def batch(world: World, customers: list[Customer]) -> list[Conversation]:
    """The defective batch: reports that come ever more often; not all read the number on the lever."""
    truth, words, rng = truths()["defective_batch"], load("truths")["batch"], world.rng
    able = [
        c
        for c in customers
        if c.language in words and not c.company and c.region not in ("Hamburg", "Bremen")
    ]
    reporters = rng.sample(able, truth["conversations"])
    first, last, count = truth["first_report_day"], truth["last_report_day"], truth["conversations"]
    days = [round(first - (first - last) * (step / (count - 1)) ** 0.7) for step in range(count)]
    naming = set(rng.sample(range(count), truth["naming_batch"]))
    found = []
    for number, (customer, day) in enumerate(zip(reporters, days, strict=True)):
        at = _at(world, customer, day)
        scene = Scene(
            world, f"{truth['key_prefix']}{number + 1:02d}", customer, LEVER, at, truth="defective_batch"
        )
        texts = words[customer.language]
        text = rng.choice(texts["first"]).replace("$batch", texts["batch"] if number in naming else "")
        _simple(scene, at, rng.choice(texts["subject"]), text, texts["answer"][0], files=("photo",))
        found.append(scene.close())
    return found


def needy(world: World, customers: list[Customer]) -> list[Conversation]:
    """The customer whose contacts we caused."""
    truth, tales = truths()["needy_customer"], load("truths")["needy"]
    customer = next(c for c in customers if c.key == truth["customer"])
    bike = next(p for p in catalogue()["bike"] if "Brise" in dict(p.names)["de"])
    order = slots.buy(
        world.rng, world.numbers, customer, bike, _day(world, truth["first_day"] - 5).date(), "LS"
    )
    found = []
    for number, (tale, day) in enumerate(
        zip(tales, _spread(truth["first_day"], truth["last_day"], len(tales)), strict=True), 1
    ):
        at = _at(world, customer, day)
        scene = Scene(
            world,
            f"{truth['key_prefix']}{number:02d}",
            customer,
            TOPICS[tale["topic"]],
            at,
            product=bike,
            order=order,
            truth="needy_customer",
        )
        _simple(scene, at, tale["subject"], tale["first"], tale["answer"])
        found.append(scene.close())
    return found


def fading(world: World, customers: list[Customer]) -> list[Conversation]:
    """The loyal customer who cools and stays away."""
    truth, tales = truths()["fading_customer"], load("truths")["loyal"]
    customer = next(c for c in customers if c.key == truth["customer"])
    found = []
    for number, (tale, day) in enumerate(
        zip(tales, _spread(truth["first_day"], truth["last_contact_day"], len(tales)), strict=True), 1
    ):
        at = _at(world, customer, day)
        topic = TOPICS[tale["topic"]]
        product = slots.product_for(world.rng, topic, "landstrich")
        order = slots.buy(world.rng, world.numbers, customer, product, at.date(), "LS")
        scene = Scene(
            world,
            f"{truth['key_prefix']}{number:02d}",
            customer,
            topic,
            at,
            product=product,
            order=order,
            truth="fading_customer",
        )
        scene.mail(at, tale["first"], subject=tale["subject"])
        when = answer_time(world.rng, at, slow=0.6)
        threads.work(scene, at, when)
        scene.reply(when, tale["answer"])
        threads.settle(scene)
        found.append(scene.close())
    return found


def packer(world: World, customers: list[Customer]) -> list[Conversation]:
    """Praise for one packer by name."""
    truth, words, rng = truths()["praised_packer"], load("truths")["packer"], world.rng
    tales = [(language, tale) for language in truth["languages"] for tale in words[language]]
    rng.shuffle(tales)
    taken: set[str] = set()
    found = []
    for number, ((language, tale), day) in enumerate(
        zip(tales, _spread(truth["first_day"], truth["last_day"], len(tales)), strict=True), 1
    ):
        able = [c for c in customers if c.language == language and not c.company and c.key not in taken]
        customer = rng.choice(able)
        taken.add(customer.key)
        at = _at(world, customer, day)
        topic = TOPICS["feedback_packaging"]
        scene = Scene(
            world,
            f"{truth['key_prefix']}{number:02d}",
            customer,
            TOPICS["praise_service"],
            at,
            product=slots.product_for(rng, topic, "landstrich"),
            truth="praised_packer",
        )
        _simple(scene, at, tale[0], tale[1], words["answer"][language][0])
        found.append(scene.close())
    return found


def silence(world: World, customers: list[Customer]) -> list[Conversation]:
    """The last mail that the silent inbox received."""
    truth, rng = truths()["silent_inbox"], world.rng
    customer = rng.choice([c for c in customers if c.language == "de" and not c.company])
    at = _at(world, customer, truth["last_mail_day"])
    scene = Scene(world, truth["last_conversation"], customer, TOPICS["zg_sell"], at, truth="silent_inbox")
    threads.converse(scene, at, 2)
    threads.settle(scene)
    return [scene.close()]


def plant(world: World, customers: list[Customer]) -> list[Conversation]:
    """Every planted conversation."""
    special = {person.key for person in people()}
    ordinary = [person for person in customers if person.key not in special]
    told = needy(world, customers) + fading(world, customers)
    for tell in (strike, batch, packer, silence):
        told += tell(world, ordinary)
    return told
