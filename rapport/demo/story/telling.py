"""The whole story, from a seed and a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from rapport.demo.story import present, threads, truths
from rapport.demo.story.customers import companies, customers
from rapport.demo.story.model import Conversation, Customer, Language, MailIn, Story
from rapport.demo.story.rhythm import customer_time, day_weight, winter
from rapport.demo.story.scene import Scene, World, renamed
from rapport.demo.story.shop import BRANDS, INBOXES, STAFF, TEAMS
from rapport.demo.story.texts import topics
from rapport.demo.story.topics import TOPICS, Topic

CONVERSATIONS = 1200
DAYS = 395
_SPAM_BEFORE, _SPAM_NOW = 16, 6
_LANGUAGES: dict[Language, float] = {"de": 42.5, "en": 36, "fr": 7, "es": 5, "nl": 5, "pl": 4.5}
_SILENT = truths.truths()["silent_inbox"]["inbox"]


class Casting:
    """Chooses who writes about what on a day."""

    def __init__(self, rng: Random, people: list[Customer]) -> None:
        planted = {person.key for person in truths.people()}
        self._rng = rng
        self._people = {
            language: [c for c in people if c.language == language and c.key not in planted]
            for language in _LANGUAGES
        }
        self._busy = {c.key: 0.25 + rng.expovariate(1) for c in people}
        self._unheard = {key: list(group) for key, group in self._people.items()}
        for group in self._unheard.values():
            rng.shuffle(group)
        self._topics = {
            language: [TOPICS[key] for key in TOPICS if key in topics(language)] for language in _LANGUAGES
        }

    def _topic(self, language: Language, day: date, silent: bool) -> Topic:
        cold = winter(day)
        weights = []
        for topic in self._topics[language]:
            weight = topic.weight * (1 + (topic.winter - 1) * cold)
            if topic.winter > 5:
                weight = (
                    weight if (day.month, day.day) >= (11, 20) and (day.month, day.day) <= (12, 21) else 0
                )
            if silent and topic.inbox == _SILENT:
                weight = 0
            weights.append(weight)
        return self._rng.choices(self._topics[language], weights)[0]

    def choose(self, day: date, *, silent: bool) -> tuple[Customer, Topic]:
        """A customer and a topic that fit each other; ``silent`` leaves out the inbox that went silent."""
        language = self._rng.choices(list(_LANGUAGES), list(_LANGUAGES.values()))[0]
        topic = self._topic(language, day, silent)
        new = self._unheard[language]
        for person in new[:40]:
            if fits(person, topic) and self._rng.random() < 0.75:
                return person, topic
        able = [c for c in self._people[language] if fits(c, topic)]
        if not able:
            return self.choose(day, silent=silent)
        return self._rng.choices(able, [self._busy[c.key] for c in able])[0], topic

    def heard(self, talk: Conversation) -> None:
        """Remember that this conversation's customer has written."""
        people = self._unheard[talk.language]
        self._unheard[talk.language] = [person for person in people if person.key != talk.customer]


def fits(person: Customer, topic: Topic) -> bool:
    """Whether a person may write about a topic."""
    if topic.company or topic.country:
        return bool(person.company) >= topic.company and topic.country in ("", person.country)
    return not person.company or topic.group in ("delivery", "money", "business")


def _silent_from(world: World) -> datetime:
    """The moment after which the silent inbox gets no mail."""
    return world.until - timedelta(days=truths.truths()["silent_inbox"]["last_mail_day"] + 1)


def _solved(world: World, casting: Casting, day: date, number: int) -> Conversation | None:
    """A conversation that began on a day and is over; None when it would not be over yet."""
    silent_from = _silent_from(world)
    customer, topic = casting.choose(day, silent=day >= silent_from.date() - timedelta(days=2))
    at = customer_time(world.rng, day, customer.time_zone)
    strike = truths.truths()["carrier_strike"]
    age = (world.until - at).days
    if customer.region in strike["regions"] and strike["contacts_to"] - 3 <= age <= strike["first_day"]:
        return None
    scene = Scene(world, f"k{number:04d}", customer, topic, at)
    threads.converse(scene, at, threads.length(world.rng, topic.key))
    threads.settle(scene)
    talk = scene.close()
    mails = [event.at for event in talk.events if isinstance(event, MailIn)]
    late = talk.events[-1].at > world.until - timedelta(minutes=5)
    if late or (topic.inbox == _SILENT and mails[-1] > silent_from):
        del world.orders[scene.order.number]
        return None
    return talk


def _past(world: World, casting: Casting, count: int) -> list[Conversation]:
    first = (world.until - timedelta(days=DAYS)).date()
    days = [first + timedelta(days=ahead) for ahead in range(1, DAYS)]
    weights = list(accumulate(day_weight(day) for day in days))
    told: list[Conversation] = []
    while len(told) < count:
        day = world.rng.choices(days, cum_weights=weights)[0]
        talk = _solved(world, casting, day, len(told))
        if talk:
            told.append(talk)
            casting.heard(talk)
    return told


def _desk(world: World, casting: Casting) -> list[Conversation]:
    told: list[Conversation] = []
    for ending, low, high in present.ON_THE_DESK:
        while True:
            age = timedelta(hours=world.rng.uniform(low, high))
            customer, topic = casting.choose((world.until - age).date(), silent=True)
            scene = Scene(world, f"d{len(told):04d}", customer, topic, world.until - age)
            if present.unfinished(scene, ending, age) and (len(told) % 6 or scene.has_files):
                told.append(scene.close())
                casting.heard(told[-1])
                break
    return told


def _spam(world: World) -> list[Conversation]:
    told = []
    for number in range(_SPAM_BEFORE + _SPAM_NOW):
        low, high = (1, DAYS - 2) if number < _SPAM_BEFORE else (0.05, 3)
        at = world.until - timedelta(days=world.rng.uniform(low, high))
        told.append(present.spam(world, number, at, by_hand=number % 3 == 0))
    return told


def tell(today: date, seed: int = 1, *, until: datetime | None = None) -> Story:
    """The demo company's thirteen months up to ``until`` (aware; the start of ``today`` in UTC by default).

    The same day, seed and moment give an equal story. No event is later than ``until``.
    """
    end = until or datetime.combine(today, time(), UTC)
    rng = Random(f"rapport demo {seed}")
    firms = companies(rng)
    people = customers(rng, firms) + truths.people()
    world = World(rng, end, {firm.key: firm for firm in firms})
    told = truths.plant(world, people)
    casting = Casting(rng, people)
    told += _desk(world, casting)
    told += _spam(world)
    told += _past(world, casting, CONVERSATIONS - len(told))
    told.sort(key=lambda talk: (talk.first.at, talk.key))
    plain = {talk.key: f"t{number:04d}" for number, talk in enumerate(told, 1)}
    told = [talk if talk.truth else renamed(talk, plain[talk.key]) for talk in told]
    return Story(
        end - timedelta(days=DAYS),
        end,
        BRANDS,
        TEAMS,
        INBOXES,
        STAFF,
        tuple(firms),
        tuple(people),
        tuple(sorted(world.orders.values(), key=lambda order: order.number)),
        tuple(told),
        truths.truths(),
    )
