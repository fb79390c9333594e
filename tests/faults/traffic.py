"""Customers who write and agents who answer, all the time, each noting what they were told."""

import itertools
import random
import re
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

INBOX = "help@shop.example"
MAILBOX = "box@shop.example"
AGENT = "ada@staff.example"
PASSWORD = "correct horse battery"
REPEATED = 0.15
SEEN_ALL = "999999"


@dataclass
class Ledger:
    """What the outside was told. ``offered`` may have come in, ``accepted`` must have."""

    offered: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    answers_offered: set[str] = field(default_factory=set)
    answers_accepted: set[str] = field(default_factory=set)
    repeated: int = 0
    refusals: Counter[int] = field(default_factory=Counter)


class Traffic:
    """Threads that write and answer until ``close``, each as often as ``allow`` lets it.

    So a round carries the same load on a slow machine as on a fast one.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.allowances: list[threading.Semaphore] = []
        self.closed = False
        self.threads: list[threading.Thread] = []
        self.busy = 0
        self.lock = threading.Lock()

    def add(self, act: Callable[[], None], every: tuple[float, float]) -> None:
        """Do ``act`` again and again with random pauses between, in a thread of its own."""
        allowance = threading.Semaphore(0)
        self.allowances.append(allowance)
        thread = threading.Thread(target=self._loop, args=(act, every, allowance), daemon=True)
        self.threads.append(thread)
        thread.start()

    def allow(self, times: int) -> None:
        """Let each thread act so often more."""
        for allowance in self.allowances:
            allowance.release(times)

    def _loop(
        self, act: Callable[[], None], every: tuple[float, float], allowance: threading.Semaphore
    ) -> None:
        pause = threading.Event()
        while not self.closed:
            with self.lock:
                allowed = allowance.acquire(blocking=False)
                self.busy += allowed
            if not allowed:
                pause.wait(0.05)
                continue
            try:
                act()
            finally:
                with self.lock:
                    self.busy -= 1
            pause.wait(random.uniform(*every))

    def hold(self) -> None:
        """Let nothing new begin and wait until what began has ended."""
        with self.lock:
            for allowance in self.allowances:
                while allowance.acquire(blocking=False):
                    pass
        pause = threading.Event()
        while self.busy:
            pause.wait(0.02)

    def close(self) -> None:
        """End all threads."""
        self.closed = True
        for thread in self.threads:
            thread.join(20)


class Customer:
    """Writes mails by one way in; now and then the same mail again."""

    def __init__(self, ledger: Ledger, *, name: str, ports: list[int], to: str, lmtp: bool = False) -> None:
        self.ledger, self.name, self.ports, self.to, self.lmtp = ledger, name, ports, to, lmtp
        self.numbers = itertools.count(1)
        self.written: list[tuple[str, bytes]] = []

    def write(self) -> None:
        """Hand one mail to the mail server and note its word."""
        if self.written and random.random() < REPEATED:
            identity, content = random.choice(self.written)
            self.ledger.repeated += 1
        else:
            identity, content = self._compose(next(self.numbers))
        self.ledger.offered.add(identity)
        make = smtplib.LMTP if self.lmtp else smtplib.SMTP
        try:
            with make("127.0.0.1", random.choice(self.ports)) as client:
                client.sendmail("c@customers.example", [self.to], content)
        except (smtplib.SMTPException, OSError):
            return
        self.ledger.accepted.add(identity)
        self.written.append((identity, content))

    def _compose(self, number: int) -> tuple[str, bytes]:
        identity = f"<{self.name}-{number}@customers.example>"
        sender = f"{self.name}-{number}@customers.example"
        size = random.choices((200, 4_000, 90_000), (60, 36, 4))[0]
        head = (
            f"Message-ID: {identity}\r\nFrom: {sender}\r\nTo: {self.to}\r\nSubject: {self.name} {number}\r\n"
        )
        return identity, f"{head}\r\nWhere is parcel {number}?\r\n{'abc ' * (size // 4)}\r\n".encode()


class Answering:
    """An agent in a browser: signs in once, answers conversations by the form of the page."""

    def __init__(
        self, ledger: Ledger, url: str, conversation: Callable[[], tuple[int, str] | None], name: str
    ) -> None:
        self.ledger, self.conversation, self.name = ledger, conversation, name
        self.client = httpx.Client(base_url=url, timeout=20, headers={"Referer": url})
        self.numbers = itertools.count(1)

    def sign_in(self) -> None:
        """Open a session."""
        page = self.client.get("/accounts/login/")
        form = {"login": AGENT, "password": PASSWORD, "csrfmiddlewaretoken": _csrf(page.text)}
        answer = self.client.post("/accounts/login/", data=form)
        if answer.status_code != 302:
            raise RuntimeError(f"signing in failed: {answer.status_code} {answer.text[:2000]}")

    def answer(self) -> None:
        """Answer one conversation and note what the page said."""
        found = self.conversation()
        if found is None:
            return
        number, customer = found
        words = f"answer-{self.name}-{next(self.numbers)}."
        form = {"html": f"<p>{words}</p>", "to": customer, "csrfmiddlewaretoken": self._token()}
        form["token"] = SEEN_ALL
        self.ledger.answers_offered.add(words)
        try:
            answer = self._post(f"/conversations/{number}/reply", form)
        except httpx.HTTPError:
            return
        if answer.status_code in {200, 302, 303}:
            self.ledger.answers_accepted.add(words)
        else:
            self.ledger.refusals[answer.status_code] += 1

    def _post(self, path: str, form: dict[str, str]) -> httpx.Response:
        for _ in range(100):
            try:
                return self.client.post(path, data=form)
            except httpx.ConnectError:
                # The process starts again just now; nothing was handed over.
                time.sleep(0.1)
        return self.client.post(path, data=form)

    def _token(self) -> str:
        return next(value for name, value in self.client.cookies.items() if "csrf" in name)


def _csrf(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise RuntimeError(f"no form to sign in: {page[:500]}")
    return found[1]
