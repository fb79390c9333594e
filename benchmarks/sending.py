"""The agent's click on send: the answer, and the hand-over to SMTP out of the durable outbox."""

import statistics
import threading
import time
from datetime import timedelta

from aiosmtpd.controller import Controller

from benchmarks.pages import free_port

REPLIES = 100


class Sink:
    """Accepts every mail and remembers when it came."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}

    async def handle_DATA(self, _server, _session, envelope) -> str:  # type: ignore[no-untyped-def]  # noqa: N802
        """Note the time of a mail by the word in its body."""
        for line in envelope.content.decode(errors="replace").splitlines():
            if line.startswith("Message-ID:"):
                self.arrived[line.partition(":")[2].strip()] = time.perf_counter()
        return "250 OK"


def measure() -> None:
    """Print the time of the act and the time until the server has the mail."""
    from rapport.channels.email.models import EmailSettings, Outgoing, Security
    from rapport.conversations.actions.reply import Answer, reply
    from rapport.conversations.models import Conversation
    from rapport.inboxes.contract import Address
    from rapport.inboxes.models import Inbox
    from rapport.kernel.jobs import worker
    from rapport.staff.models import Agent

    sink = Sink()
    port = free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    for inbox in Inbox.objects.all():
        EmailSettings.objects.update_or_create(
            inbox=inbox,
            defaults={
                "outgoing": Outgoing.SMTP,
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_security": Security.NONE,
            },
        )
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,), kwargs={"only": ("delivery",)})
    thread.start()
    agent = Agent.objects.filter(role="administrator").first()
    assert agent is not None
    acts, sent = [], {}
    for conversation in Conversation.objects.filter(folder="open")[:REPLIES]:
        began = time.perf_counter()
        message = reply(
            agent=agent,
            conversation_id=conversation.pk,
            answer=Answer(html="<p>Tomorrow.</p>", to=(Address("c@customer.example"),)),
            undo=timedelta(0),
        )
        acts.append(time.perf_counter() - began)
        sent[message.identity] = began
        time.sleep(0.02)
    until = time.perf_counter() + 30
    while len(sink.arrived) < len(sent) and time.perf_counter() < until:
        time.sleep(0.05)
    stop.set()
    thread.join(10)
    server.stop()
    delays = sorted(sink.arrived[identity] - at for identity, at in sent.items() if identity in sink.arrived)
    print(f"act: {_line(acts)}")
    print(f"handed over: {len(delays)} of {len(sent)}, {_line(delays)}")


def _line(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[int(len(ordered) * 0.95)] * 1000
    return f"p50 {statistics.median(ordered) * 1000:.1f} ms, p95 {p95:.1f} ms"
