"""How a conversation goes: the first mail, the desk's work around it, and the turns until it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from rapport.demo.story.rhythm import answer_time, comeback_time, winter
from rapport.demo.story.scene import Scene
from rapport.demo.story.texts import load

_AFTER_ANSWER = {
    "voucher_lost": 1,
    "preorder_delay": 0,
    "zg_condition": 1,
    "zg_reserve": 1,
    "zg_sell": 1,
    "zg_payout": 1,
    "exchange_colour": 1,
    "damaged_parcel": 1,
    "light_warranty": 1,
    "damaged_frame": 1,
    "frame_size": 1,
    "spare_part": 0,
    "complaint_phone": 1,
    "battery_range": 0,
    "bike_delivery_date": 0,
    "missing_parts": 0,
    "brake_squeak": 0,
    "gears_skip": 0,
    "assembly_help": 0,
    "refund_where": 0,
    "wrong_size": 0,
    "invoice_copy": 0,
    "discount_code": 0,
    "workshop_appointment": 0,
    "leasing": 1,
    "tracking_stuck": 0,
    "return_reduced": 0,
}
_MECHANICAL = ("Tageslicht", "aylight", "bekannter Fehler", "known fault")
_LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9)
_LENGTH_WEIGHTS = (5, 38, 25, 15, 8, 4, 2.4, 1.4, 1.2)
_QUIET = (
    "feedback_packaging",
    "feedback_site",
    "newsletter_unsub",
    "shop_hours",
)
_PHOTO_WORDS = (
    "Foto",
    "photo",
    "Bild",
    "icture",
    "anbei",
    "attached",
    "jointe",
    "djunt",
    "bijgevoegd",
    "załącznik",
)


def length(rng: Random, topic: str) -> int:
    """How many messages a conversation about a topic gets."""
    count = rng.choices(_LENGTHS, _LENGTH_WEIGHTS)[0]
    if topic.startswith("praise"):
        return min(count, 2)
    return min(count, 3) if topic in _QUIET else count


def open_with(scene: Scene, at: datetime) -> None:
    """The first mail, with files when the words speak of them."""
    rng, texts = scene.world.rng, scene.texts
    template = rng.choice(texts["first"])
    with_files = scene.topic.files
    if with_files and not any(word in template for word in _PHOTO_WORDS):
        with_files = with_files[:1] if rng.random() < 0.35 else ()
    scene.mail(at, template, subject=rng.choice(texts["subject"]), with_files=with_files)


def work(scene: Scene, after: datetime, before: datetime) -> None:
    """What the desk does between a mail and the answer: assign, sort, tag, ask each other."""
    rng, topic = scene.world.rng, scene.topic
    span = (before - after).total_seconds()

    def moment(low: float, high: float) -> datetime:
        seconds = min(span * (1 - rng.uniform(low, high)), 5400 * rng.uniform(0.2, 1))
        return before - timedelta(seconds=int(seconds))

    at = moment(0.2, 0.5)
    if rng.random() < 0.66:
        lead = "jonas" if scene.team in ("workshop", "zweitgang") else "aylin"
        scene.assign(at, scene.agent if rng.random() < 0.7 else lead, scene.agent)
    if topic.kind != "inquiry" and rng.random() < 0.85:
        scene.set_kind(at + timedelta(seconds=12))
    if rng.random() < 0.4:
        scene.tag(at + timedelta(seconds=25), *topic.tags)
    if rng.random() < (0.3 if topic.kind == "complaint" else 0.05):
        scene.set_priority(at + timedelta(seconds=31), "urgent" if rng.random() < 0.2 else "high")
    if rng.random() < 0.19:
        consult(scene, at + timedelta(seconds=45), before)


def consult(scene: Scene, at: datetime, before: datetime) -> None:
    """A note, and often the answer of the one it asks, not later than ``before``."""
    rng, notes = scene.world.rng, load("chatter")["notes"]
    pool = notes["team"] if rng.random() < 0.12 else notes.get(scene.topic.group, notes["team"])
    mentioned = scene.note(at, rng.choice(pool))
    room = (before - at).total_seconds()
    if mentioned and room > 120 and rng.random() < 0.6:
        answer = rng.choice(notes.get(mentioned[0], notes["other"]))
        scene.note(at + timedelta(seconds=int(room * rng.uniform(0.2, 0.9))), answer, by=mentioned[0])


def turns(scene: Scene) -> list[tuple[str, str]]:
    """What comes after the first answer, as (customer, agent) templates; the first of them fits the topic."""
    rng, texts = scene.world.rng, scene.texts
    pairs = [(c, a) for c, a in load("chatter")[scene.customer.language]["pairs"]]
    if scene.topic.group != "technical":
        pairs = [pair for pair in pairs if not any(mark in pair[0] for mark in _MECHANICAL)]
    rng.shuffle(pairs)
    return [
        (more, texts["again"][min(i, len(texts["again"]) - 1)])
        for i, more in enumerate(texts.get("more", []))
    ] + pairs


def converse(scene: Scene, at: datetime, count: int, *, thanks: bool = True) -> None:
    """Tell ``count`` messages from the first mail on; an odd number ends with the customer's mail."""
    rng, texts = scene.world.rng, scene.texts
    slow = 1 + 0.9 * winter(at.date())
    open_with(scene, at)
    chosen = rng.randrange(len(texts["answer"]))
    upcoming = turns(scene)
    own = len(texts.get("more", []))
    fits = _AFTER_ANSWER.get(scene.topic.key, chosen)
    skip = own if chosen != fits and len(texts["answer"]) > 1 else min(chosen, own - 1) if own > 1 else 0
    upcoming = upcoming[skip : skip + 1] + upcoming[own:] if skip < own else upcoming[own:]
    following = texts["answer"][chosen]
    while scene.count < count:
        if scene.count % 2:
            when = answer_time(rng, scene.now, slow=slow)
            if scene.count == 1:
                work(scene, at, when)
            elif rng.random() < 0.07:
                consult(scene, when - timedelta(minutes=9), when - timedelta(minutes=1))
            scene.reply(when, following, with_files=scene.topic.answer_files if scene.count == 1 else ())
            if scene.count < count:
                scene.set_status(when + timedelta(seconds=1), "waiting")
        else:
            when = comeback_time(rng, scene.now)
            if thanks and scene.count == count - 1:
                scene.mail(when, rng.choice(load("phrases")[scene.customer.language]["thanks"]))
            else:
                words, following = upcoming.pop(0)
                attached = ("photo",) if any(mark in words for mark in ("aylight", "Tageslicht")) else ()
                scene.mail(when, words, with_files=attached)


def settle(scene: Scene) -> None:
    """Solve the conversation, and let the system close it when enough time has passed."""
    rng = scene.world.rng
    if isinstance(scene.events[-1], type(scene.last_mail)) and scene.last_reply:
        at = answer_time(rng, scene.now)
    elif scene.last_reply:
        at = scene.now + timedelta(seconds=rng.randrange(2, 40))
    else:
        at = answer_time(rng, scene.now)
        work(scene, scene.now, at)
    scene.set_status(at, "solved")
    closes = at + timedelta(days=14)
    if closes < scene.world.until:
        scene.set_status(closes, "closed", "system")
