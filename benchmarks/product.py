"""The whole product under ``rapport serve``: its start, its memory, how soon a mail stands on a screen."""

import os
import re
import time
from email.message import EmailMessage

from benchmarks.served import Served, Visitor, line, requests_a_second, serving, until, visitor
from rapport.inboxes.models import Inbox

MAILS = 40
IDLE_SECONDS = 10
LOAD_SECONDS = 15
TOPICS = re.compile(rb'data-topics="([^"]+)"')


def measure() -> None:
    """Print the time to the first page, the memory before and after load, and the delay of a mail."""
    inbox = Inbox.objects.order_by("pk").first()
    assert inbox is not None
    who, began = visitor(), time.perf_counter()
    with serving() as served:
        print(f"first page {time.perf_counter() - began:.2f} s after the start")
        time.sleep(IDLE_SECONDS)
        before = served.memory()
        print(f"idle, all processes: {before / 1e6:.0f} MB PSS")
        print(f"mail stored to shown on an open screen: {line(_delays(served, who, inbox))}")
        for times in ("load", "the same load again"):
            for path in ("/inbox/all", "/search?q=brake"):
                requests_a_second(served, who, path, seconds=LOAD_SECONDS)
            time.sleep(IDLE_SECONDS)
            after = served.memory()
            print(f"idle after {times}: {after / 1e6:.0f} MB PSS ({after / before - 1:+.1%})")


def _delays(served: Served, who: Visitor, inbox: Inbox) -> list[float]:
    """Return, for each mail, the seconds from its storing to the list that shows it."""
    from rapport.inboxes.actions.store_raw import store_raw

    delays, pages = [], who.pages(served)
    named = TOPICS.search(who.get(pages, "/inbox/all"))
    assert named is not None
    with who.follow(served, *named[1].decode().split(",")) as stream:
        for number in range(MAILS):
            word = f"{os.getpid()}-{number}"
            store_raw(inbox=inbox, content=_mail(inbox.address, word), source="pipe")
            stored = time.perf_counter()
            while word.encode() not in who.get(pages, "/inbox/all"):
                until(stream, b'"seq"')
            delays.append(time.perf_counter() - stored)
            time.sleep(0.3)
    return delays


def _mail(to: str, word: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"c-{word}@bench.example", to, f"Wheel {word}"
    message["Message-ID"] = f"<{word}-{time.time_ns()}@bench.example>"
    message.set_content("A customer writes some lines about a wheel.\n")
    return message.as_bytes()
