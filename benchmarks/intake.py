"""Mail intake: raw bytes to committed conversation, in one process."""

import os
import random
import time
from email.message import EmailMessage

MAILS = 300


def measure() -> None:
    """Print how many mails a second, and the CPU time of each."""
    from rapport.inboxes.actions.store_raw import store_raw
    from rapport.inboxes.models import Inbox
    from rapport.kernel.jobs.leases import claim
    from rapport.kernel.jobs.queues import queue

    inbox = Inbox.objects.order_by("pk").first()
    assert inbox is not None
    mails = list(_mails(random.Random(3), inbox.address))
    began, cpu = time.perf_counter(), time.process_time()
    for content in mails:
        store_raw(inbox=inbox, content=content, source="pipe")
    stored = time.perf_counter() - began
    ingest = queue("ingest")
    while rows := claim(
        ingest.rows(), limit=ingest.batch, lease=ingest.lease, worker="bench", order=ingest.order
    ):
        for row in rows:
            ingest.handler(row)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    print(f"{MAILS} mails: {MAILS / seconds:.0f}/s, {used / MAILS * 1000:.1f} ms CPU each")
    print(f"of it storing raw: {MAILS / stored:.0f}/s")


def _mails(chance: random.Random, to: str):  # type: ignore[no-untyped-def]
    ids: list[str] = []
    run = f"{os.getpid()}-{time.time_ns()}"
    for number in range(MAILS):
        message = EmailMessage()
        identity = f"<{run}-{number}@bench.example>"
        sender = f"c{chance.randrange(150)}-{run}@bench.example"
        message["From"], message["To"], message["Message-ID"] = sender, to, identity
        message["Subject"] = f"Question {number}"
        if ids and chance.random() < 0.3:
            message["In-Reply-To"] = chance.choice(ids)
        ids.append(identity)
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
