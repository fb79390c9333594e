"""Mail intake: raw bytes to committed conversation, in one process, and on PostgreSQL in two."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage

MAILS = 300
AGAIN = [sys.executable, "-m", "benchmarks.intake"]


def measure() -> None:
    """Print how many mails a second, and the CPU time of each."""
    from django.db import connection

    _measure(1)
    if connection.vendor == "postgresql":
        _measure(2)


def _measure(processes: int) -> None:
    running = [
        subprocess.Popen(AGAIN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    began = time.perf_counter()
    used = sum(float(each.communicate()[0]) for each in _told(running))
    seconds, mails = time.perf_counter() - began, MAILS * processes
    each = used / mails * 1000
    print(f"{processes} process(es): {mails} mails, {mails / seconds:.0f}/s, {each:.1f} ms CPU each")


def _told(running: list["subprocess.Popen[str]"]) -> list["subprocess.Popen[str]"]:
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return running


def main() -> None:
    """Take in the mails of one process once it is told to, and print the CPU seconds that took."""
    import logging

    import django

    django.setup()
    logging.disable(logging.INFO)
    from rapport.inboxes.models import Inbox

    inbox = Inbox.objects.order_by("pk").first()
    assert inbox is not None
    mails = list(_mails(random.Random(os.getpid()), inbox.address))
    print("ready", flush=True)
    sys.stdin.readline()
    before = time.process_time()
    _take_in(inbox, mails)
    print(time.process_time() - before, flush=True)


def _take_in(inbox, mails: list[bytes]) -> None:  # type: ignore[no-untyped-def]
    from rapport.inboxes.actions.store_raw import store_raw
    from rapport.kernel.jobs.leases import claim
    from rapport.kernel.jobs.queues import queue

    for content in mails:
        store_raw(inbox=inbox, content=content, source="pipe")
    ingest = queue("ingest")
    worker = f"bench {os.getpid()}"
    while rows := claim(
        ingest.rows(), limit=ingest.batch, lease=ingest.lease, worker=worker, order=ingest.order
    ):
        for row in rows:
            ingest.handler(row)


def _mails(chance: random.Random, to: str) -> Iterator[bytes]:
    earlier: list[tuple[str, str]] = []
    run = f"{os.getpid()}-{time.time_ns()}"
    for number in range(MAILS):
        message = EmailMessage()
        identity = f"<{run}-{number}@bench.example>"
        sender = f"c{chance.randrange(150)}-{run}@bench.example"
        if earlier and chance.random() < 0.3:
            # A reply is from whom the conversation is with; others make a conversation of their own.
            sender, message["In-Reply-To"] = chance.choice(earlier)
        message["From"], message["To"], message["Message-ID"] = sender, to, identity
        message["Subject"] = f"Question {number}"
        earlier.append((sender, identity))
        text = "A customer writes some lines about a wheel.\n" * chance.randrange(20, 80)
        message.set_content(text)
        kind = chance.random()
        if kind >= 0.6:
            message.add_alternative("<p>" + text.replace("\n", "</p><p>") * 4 + "</p>", subtype="html")
        if kind >= 0.9:
            message.add_attachment(
                chance.randbytes(200_000), maintype="application", subtype="octet-stream", filename="a.bin"
            )
        yield message.as_bytes()


if __name__ == "__main__":
    main()
