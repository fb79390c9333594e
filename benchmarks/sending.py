"""The agent's click on send: the answer to the browser, and the hand-over to SMTP from the outbox."""

import http.client
import time
from urllib.parse import urlencode

from aiosmtpd.controller import Controller
from lxml import html

from benchmarks.served import Served, Visitor, line, serving, visitor
from tests.servers.process import free_port

REPLIES = 60


class Sink:
    """Accepts every mail and remembers when it came."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}

    async def handle_DATA(self, _server, _session, envelope) -> str:  # type: ignore[no-untyped-def]  # noqa: N802
        """Note the time of a mail by the words in its body."""
        text = envelope.content.decode(errors="replace")
        for word in text.split():
            if word.startswith("Benchmark-"):
                self.arrived.setdefault(word.rstrip("."), time.perf_counter())
        return "250 OK"


def measure() -> None:
    """Print the time of the click and the time until the server has the mail; undo is off."""
    sink = Sink()
    port = free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    _send_by(port)
    who, numbers = visitor(), _open_conversations()
    clicks, sent = [], {}
    with serving() as served:
        for number in numbers:
            fields, cookie = _form(served, who, number)
            word = f"Benchmark-{number}"
            began = time.perf_counter()
            _post(served, cookie, number, {**fields, "html": f"<p>Tomorrow. {word}.</p>"})
            clicks.append(time.perf_counter() - began)
            sent[word] = began
            time.sleep(0.05)
        end = time.perf_counter() + 30
        while len(sink.arrived) < len(sent) and time.perf_counter() < end:
            time.sleep(0.05)
    server.stop()
    delays = [sink.arrived[word] - at for word, at in sent.items() if word in sink.arrived]
    print(f"answer to the click: {line(clicks)}")
    print(f"handed over: {len(delays)} of {len(sent)}, {line(delays)}")


def _send_by(port: int) -> None:
    from rapport.channels.email.models import EmailSettings, Outgoing, Security
    from rapport.inboxes.models import Inbox

    values = {
        "outgoing": Outgoing.SMTP,
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": Security.NONE,
    }
    for inbox in Inbox.objects.all():
        EmailSettings.objects.update_or_create(inbox=inbox, defaults=values)


def _open_conversations() -> list[int]:
    from rapport.conversations.models import Conversation

    rows = Conversation.objects.filter(folder="open", assignee=None).order_by("pk")
    return [conversation.number for conversation in rows[:REPLIES]]


def _form(served: Served, who: Visitor, number: int) -> tuple[dict[str, str], str]:
    """Return the fields of the form that answers a conversation, and the cookies to send it with."""
    connection = who.pages(served)
    path = f"/conversations/{number}?write=reply"
    connection.request("GET", path, headers={"Cookie": who.cookie, "Host": "localhost"})
    answer = connection.getresponse()
    page = html.document_fromstring(answer.read())  # type: ignore[no-untyped-call]
    given = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    form = next(each for each in page.forms if (each.get("action") or "").endswith("/reply"))
    return dict(form.form_values()), "; ".join([who.cookie, *given])


def _post(served: Served, cookie: str, number: int, fields: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    head = {
        "Cookie": cookie,
        "Host": "localhost",
        "Origin": f"http://localhost:{served.port}",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Requested-With": "fetch",
    }
    connection.request("POST", f"/conversations/{number}/reply", body=urlencode(fields), headers=head)
    answer = connection.getresponse()
    answer.read()
    if answer.status not in {200, 302, 303}:
        raise SystemExit(f"the answer to conversation {number} was refused: {answer.status}")
