"""What lies on the desk now: new, open, waiting, on hold, snoozed, some of it overdue; and the spam view."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from rapport.demo.story import threads
from rapport.demo.story.model import Conversation, Language, MailIn, MarkedSpam
from rapport.demo.story.rhythm import customer_time, office_time
from rapport.demo.story.scene import Scene, World
from rapport.demo.story.shop import INBOXES
from rapport.demo.story.texts import load, render

# How each ends, and how many hours ago the last mail came (from, to).
ON_THE_DESK: tuple[tuple[str, float, float], ...] = (
    *(("new", 0.2, 5),) * 6,
    *(("new", 6, 20),) * 4,
    *(("new", 70, 110),) * 3,
    *(("open", 0.3, 9),) * 6,
    *(("open", 10, 30),) * 3,
    *(("open", 75, 140),) * 4,
    *(("waiting", 6, 60),) * 9,
    *(("on_hold", 30, 190),) * 5,
    *(("snoozed", 20, 120),) * 5,
)


def unfinished(scene: Scene, ending: str, age: timedelta) -> bool:
    """Tell a conversation that is not over; False when it would not fit before the end of the story."""
    world, rng = scene.world, scene.world.rng
    last = (world.until - age).replace(microsecond=0)
    chatter = load("chatter")[scene.customer.language]
    if ending == "new":
        threads.open_with(scene, last)
        return True
    history = rng.choice((0, 0, 2, 2, 4)) if ending == "open" else rng.choice((0, 0, 2))
    if history:
        day = (last - timedelta(hours=round(48 + history * rng.uniform(36, 72)))).date()
        threads.converse(scene, customer_time(rng, day, scene.customer.time_zone), history)
        scene.set_status(scene.now + timedelta(seconds=1), "waiting")
        if scene.now > last - timedelta(minutes=20):
            return False
        scene.mail(last, threads.turns(scene)[0 if scene.texts.get("more") and history == 2 else -1][0])
    else:
        threads.open_with(scene, last)
    at = max(last + timedelta(minutes=3), min(office_time(rng, last + timedelta(minutes=25)), world.until))
    if not scene.assignee:
        scene.assign(at, scene.agent, scene.agent)
    if scene.topic.kind != "inquiry" and not history:
        scene.set_kind(at + timedelta(seconds=9))
    if rng.random() < 0.5:
        threads.consult(scene, at + timedelta(seconds=40), at + timedelta(minutes=20))
    if ending == "open":
        if scene.status == "new":
            scene.set_status(at + timedelta(seconds=5), "open")
        if rng.random() < 0.35:
            scene.set_priority(at + timedelta(seconds=14), "high")
    else:
        _lay_aside(scene, ending, at + timedelta(minutes=24), chatter)
    return max(event.at for event in scene.events) < world.until - timedelta(minutes=2)


def _lay_aside(scene: Scene, ending: str, at: datetime, chatter: dict[str, list[str]]) -> None:
    rng, until = scene.world.rng, scene.world.until
    scene.reply(at, rng.choice(chatter["ask"] if ending == "waiting" else chatter["hold"]))
    done = at + timedelta(seconds=4)
    if ending == "snoozed":
        scene.set_status(done, "open")
        wake = until + timedelta(days=rng.randrange(1, 6))
        scene.snooze(done + timedelta(seconds=6), wake.replace(hour=7, minute=0, second=0, microsecond=0))
    else:
        scene.set_status(done, "waiting" if ending == "waiting" else "on_hold")


def spam(world: World, number: int, at: datetime, *, by_hand: bool) -> Conversation:
    """An unwanted mail, put away by the filter or by somebody at the desk."""
    rng: Random = world.rng
    name, address, subject, body = load("spam")["mails"][number % len(load("spam")["mails"])]
    inbox = rng.choice([box for box in INBOXES if box.key != "zweitgang-sell"])
    slots = {
        "n": str(rng.randrange(3, 90)),
        "pcs": str(rng.randrange(100, 900)),
        "amount": f"{rng.randrange(3, 99) * 100}",
        "when": f"{at + timedelta(days=2):%d.%m.}",
        "serial": f"{rng.randrange(10**8):x}",
        "year": "2009",
        "tracking": f"PW{rng.randrange(10**9, 10**10)}",
    }
    key = f"spam-{number + 1:02d}"
    user, domain = address.split("@")
    at = at.replace(microsecond=0)
    text = render(body, rng, slots)
    while text in world.bodies:
        slots["n"] = str(rng.randrange(3, 990))
        text = f"{render(body, rng, slots)}\n\nRef. {slots['n']}"
    world.bodies.add(text)
    mail = MailIn(
        at,
        "",
        f"{key}.m1",
        name,
        f"{user}{rng.randrange(2, 99)}@{domain}",
        inbox.address,
        render(subject, rng, slots),
        text,
    )
    moment = office_time(rng, at + timedelta(minutes=30)) if by_hand else at + timedelta(seconds=2)
    if moment > world.until:
        moment = at + timedelta(minutes=1)
    who = rng.choice(("aylin", "siobhan", "minh-anh", "bram")) if by_hand else "system"
    language: Language = "de" if "ä" in mail.text or "Flyer" in mail.text else "en"
    return Conversation(
        key,
        inbox.brand,
        inbox.key,
        "",
        language,
        "spam",
        "inquiry",
        "new",
        (mail, MarkedSpam(moment, who)),
        spam=True,
    )
