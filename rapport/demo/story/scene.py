"""One conversation while it is being told: who, what about, and the events so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from rapport.demo.story import files, mails, slots
from rapport.demo.story.model import (
    Assigned,
    Attachment,
    Company,
    Conversation,
    Customer,
    Event,
    KindSet,
    MailIn,
    NoteAdded,
    Order,
    Priority,
    PrioritySet,
    Reply,
    Snoozed,
    Status,
    StatusChanged,
    TagsChanged,
)
from rapport.demo.story.products import Product
from rapport.demo.story.shop import BRANDS, INBOX_BY_KEY, STAFF_BY_KEY, desk
from rapport.demo.story.texts import capital, load, render, topics
from rapport.demo.story.topics import Topic

_AGE = {"technical": (40, 420), "zweitgang": (10, 60), "returns": (6, 24), "business": (3, 30)}


@dataclass
class World:
    """What all conversations share while the story is told."""

    rng: Random
    until: datetime
    firms: dict[str, Company]
    numbers: slots.Numbers = field(default_factory=slots.Numbers)
    bodies: set[str] = field(default_factory=set)
    orders: dict[str, Order] = field(default_factory=dict)


def _writer(rng: Random, customer: Customer) -> Customer:
    """Who sits at the keyboard of a shared mailbox this time."""
    if not customer.household or rng.random() < 0.55:
        return customer
    first = customer.household[0].split()[0]
    return replace(customer, first_name=first, gender="m" if customer.gender == "f" else "f")


class Scene:
    """Builds the events of one conversation; nothing is shared until ``close`` is called."""

    def __init__(
        self,
        world: World,
        key: str,
        customer: Customer,
        topic: Topic,
        start: datetime,
        *,
        product: Product | None = None,
        order: Order | None = None,
        truth: str = "",
    ) -> None:
        rng = world.rng
        self.world, self.key, self.topic, self.truth = world, key, topic, truth
        self.customer = customer = _writer(rng, customer)
        self.inbox = INBOX_BY_KEY[topic.inbox]
        self.brand = next(brand for brand in BRANDS if brand.key == self.inbox.brand)
        product = product or slots.product_for(rng, topic, self.brand.key)
        low, high = _AGE.get(topic.group, (2, 11))
        day = start.date() - timedelta(days=rng.randrange(low, high))
        prefix = "ZG" if self.brand.key == "zweitgang" else "LS"
        self.order = order or slots.buy(rng, world.numbers, customer, product, day, prefix)
        self.firm = world.firms.get(customer.company)
        work = self.firm or rng.choice(list(world.firms.values()))
        self.slots = slots.fill(rng, customer, topic, product, self.order, work)
        team = (
            "workshop"
            if topic.group == "technical" and topic.inbox == "landstrich-support"
            else self.inbox.team
        )
        self.team = team
        self.agent = rng.choice(desk(team, customer.language))
        self.texts = topics(customer.language).get(topic.key, {})
        self.events: list[Event] = []
        self.status: Status = "new"
        self.priority: Priority = "normal"
        self.assignee = ""
        self.subject = ""
        self.snoozed_until: datetime | None = None
        self.last_mail: MailIn | None = None
        self.last_reply: Reply | None = None
        self.count = 0

    @property
    def now(self) -> datetime:
        """The time of the latest event."""
        return self.events[-1].at

    @property
    def has_files(self) -> bool:
        """Whether the customer has sent any file."""
        return any(isinstance(event, MailIn) and event.files for event in self.events)

    def _file(self, kind: str, at: datetime) -> Attachment:
        lines: tuple[str, ...] = (self.order.product, f"EUR {self.order.total / 100:.2f}", self.order.number)
        subject = f"{self.brand.name} {self.order.number}"
        if kind == "photo":
            subject = (
                "parcel"
                if self.topic.key in ("damaged_parcel", "wrong_item")
                else f"bike {self.order.product}"
            )
        elif kind == "invoice":
            subject = f"{self.brand.name}  Invoice {self.slots['invoice']}"
            net = self.order.total / 1.19 / 100
            lines = (
                self.firm.name if self.firm else self.customer.name,
                f"{self.customer.street}, {self.customer.postcode} {self.customer.city}",
                "",
                f"Order {self.order.number} of {self.order.placed_on:%d.%m.%Y}",
                f"1 x {self.order.product}",
                f"Net EUR {net:.2f}",
                f"VAT 19 % EUR {self.order.total / 100 - net:.2f}",
                f"Total EUR {self.order.total / 100:.2f}",
                "",
                *self.brand.signature.splitlines(),
            )
        return files.describe(self.world.rng, kind, at, subject, lines)  # type: ignore[arg-type]

    def mail(
        self, at: datetime, template: str, *, subject: str = "", with_files: tuple[str, ...] = ()
    ) -> None:
        """The customer writes: the first mail, or an answer to the last reply."""
        rng, customer = self.world.rng, self.customer
        again = self.count > 0
        for _ in range(40):
            words = render(template, rng, self.slots, customer.gender).strip()
            text = f"{mails.greeted(rng, customer, words, at, again=again)}\n\n"
            text += mails.signed(rng, customer, self.firm, self.slots, again=again)
            if again or text not in self.world.bodies:
                break
        self.world.bodies.add(text)
        if not again:
            self.subject = capital(render(subject, rng, self.slots, customer.gender))
        title, history = self.subject, ""
        if again:
            title = rng.choice(load("phrases")["reply_prefix"][customer.language]) + self.subject
        if self.last_reply and self.last_mail and self.last_reply.at > self.last_mail.at:
            sender = f"{self.brand.name} {self.inbox.name}"
            history = mails.quoted(customer, self.last_reply, self.last_mail, sender, title)
        copy = f"einkauf@{self.firm.domain}" if self.firm and not again and rng.random() < 0.3 else ""
        self.count += 1
        self.last_mail = MailIn(
            at,
            f"{customer.key}",
            f"{self.key}.m{self.count}",
            customer.name,
            customer.email,
            self.inbox.address,
            title,
            f"{text}\n\n{history}" if history else text,
            customer.client,
            mails.html(customer, text, history),
            (copy,) if copy else (),
            tuple(self._file(kind, at + timedelta(seconds=11 * n)) for n, kind in enumerate(with_files)),
            self.last_reply.key if history and self.last_reply else "",
        )
        self.events.append(self.last_mail)
        if self.status in ("waiting", "solved", "on_hold"):
            self.status = "open"

    def reply(self, at: datetime, template: str, *, with_files: tuple[str, ...] = ()) -> None:
        """The agent answers."""
        rng, customer, language = self.world.rng, self.customer, self.customer.language
        phrases, agent = load("phrases")[language], STAFF_BY_KEY[self.agent]
        filled = slots.promise(self.slots, rng, at.date(), language)
        words = render(template, rng, filled, agent.gender).strip()
        opening = render("{" + phrases["hi"] + "}", rng, filled, customer.gender)
        if language in ("en", "fr", "es", "nl"):
            words = capital(words)
        first = agent.name.split()[0] if self.agent != "minh-anh" else "Minh Anh"
        text = f"{opening}\n\n{words}\n\n{rng.choice(phrases['agent_close'])}\n{first}"
        self.count += 1
        attached = tuple(self._file(kind, at) for kind in with_files)
        self.last_reply = Reply(at, self.agent, f"{self.key}.m{self.count}", text, attached)
        self.events.append(self.last_reply)
        if self.status == "new":
            self.status = "open"

    def assign(self, at: datetime, by: str, to: str) -> None:
        """Give the conversation to somebody."""
        self.assignee = to
        self.events.append(Assigned(at, by, to, self.team))

    def set_status(self, at: datetime, status: Status, by: str = "") -> None:
        """Set the status."""
        self.status = status
        self.events.append(StatusChanged(at, by or self.agent, status))

    def tag(self, at: datetime, *tags: str) -> None:
        """Put tags on it."""
        self.events.append(TagsChanged(at, self.agent, tags))

    def set_kind(self, at: datetime) -> None:
        """Say which kind of contact it is."""
        self.events.append(KindSet(at, self.agent, self.topic.kind))

    def set_priority(self, at: datetime, priority: Priority) -> None:
        """Set the priority."""
        self.priority = priority
        self.events.append(PrioritySet(at, self.agent, priority))

    def snooze(self, at: datetime, until: datetime) -> None:
        """Put it away until later."""
        self.snoozed_until = until
        self.events.append(Snoozed(at, self.agent, until))

    def note(self, at: datetime, template: str, by: str = "") -> tuple[str, ...]:
        """Write a note; a key after @ becomes the full name and a mention. Returns who was mentioned."""
        text = render(template, self.world.rng, self.slots)
        found = tuple(key for key in STAFF_BY_KEY if f"@{key} " in text and key != (by or self.agent))
        for key in STAFF_BY_KEY:
            text = text.replace(f"@{key} ", f"@{STAFF_BY_KEY[key].name} ")
        self.events.append(NoteAdded(at, by or self.agent, text, found))
        return found

    def close(self) -> Conversation:
        """The finished conversation; its order becomes part of the story."""
        self.world.orders[self.order.number] = self.order
        return Conversation(
            self.key,
            self.brand.key,
            self.inbox.key,
            self.customer.key,
            self.customer.language,
            self.topic.key,
            self.topic.kind,
            self.status,
            tuple(sorted(self.events, key=lambda event: event.at)),
            self.order.number,
            self.assignee,
            self.priority,
            snoozed_until=self.snoozed_until,
            truth=self.truth,
        )


def renamed(conversation: Conversation, key: str) -> Conversation:
    """The conversation under another key, its messages too."""
    events: list[Event] = []
    for event in conversation.events:
        if isinstance(event, MailIn):
            answers = event.answers.replace(conversation.key, key, 1)
            events.append(replace(event, key=event.key.replace(conversation.key, key, 1), answers=answers))
        elif isinstance(event, Reply):
            events.append(replace(event, key=event.key.replace(conversation.key, key, 1)))
        else:
            events.append(event)
    return replace(conversation, key=key, events=tuple(events))
