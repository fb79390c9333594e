"""The paths of ``docs/paths.md``, run from end to end; each listed file is entered, in that order."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from rapport.channels.email.models import EmailSettings, Outgoing, Security
from rapport.channels.email.receive import lmtp
from rapport.conversations.models import Conversation, Delivery, Entry, Message
from rapport.demo import post
from rapport.demo.models import CustomerMail
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.worker import drain
from tests import world
from tests.journeys.recorder import Recorder, listed, recorded
from tests.world import World, mail, receive

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "paths.md").read_text()
LONGEST = 10


@pytest.fixture
def company(transactional_db) -> World:
    return world.build()


@pytest.fixture
def customers_server(company: World, settings) -> Iterator[World]:
    """A real SMTP server on this machine that keeps what customers get."""
    settings.UNDO_SECONDS = 0
    EmailSettings.objects.create(
        inbox=company.inbox,
        outgoing=Outgoing.SMTP,
        smtp_host=post.HOST,
        smtp_port=1,
        smtp_security=Security.NONE,
    )
    stop = threading.Event()
    thread = threading.Thread(target=post.serve, args=(stop,))
    thread.start()
    deadline = time.monotonic() + 20
    while post.port() == 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    yield company
    stop.set()
    thread.join(20)


def signed_in(company: World) -> Client:
    client = Client()
    client.force_login(company.agent().account)
    return client


def check_order(path: list[str], run: Recorder) -> None:
    """Compare what is listed with what ran."""
    assert 0 < len(path) <= LONGEST
    missing = [file for file in path if file not in run.files]
    assert not missing, f"listed but never entered: {missing}"
    assert sorted(path, key=run.files.index) == path


@pytest.mark.django_db(transaction=True)
def test_mail_in(company: World) -> None:
    client = signed_in(company)
    client.get("/")
    with recorded() as run:
        # Words of its own: what a page has shown before in this process is not rendered again.
        content = mail(subject="On its path", text="On its path: where is my parcel?")
        said = lmtp.answer_data(content, "ada@customer.example", company.inbox.address)
        assert said == lmtp.STORED
        assert drain(["ingest"]) == 1
        conversation = Conversation.objects.get()
        page = client.get(f"/conversations/{conversation.number}/entries?after=0")
    assert "where is my parcel?" in page.content.decode()
    assert list(Entry.objects.values_list("kind", flat=True)) == ["message.received"]
    check_order(listed(PAGE, "Mail in"), run)


@pytest.mark.django_db(transaction=True)
def test_reply_out(customers_server: World) -> None:
    receive(customers_server.inbox, mail())
    conversation = Conversation.objects.get()
    client = signed_in(customers_server)
    client.get("/")
    with recorded() as run:
        answer = client.post(
            f"/conversations/{conversation.number}/reply",
            {
                "html": "<div>It is on its way.</div>",
                "to": "ada@customer.example",
                "token": conversation.last_seq,
            },
        )
        assert answer.status_code == 302
        assert drain(["delivery"]) == 1
    assert Delivery.objects.get().state == State.DONE
    assert Message.objects.get(direction="out").text == "It is on its way."
    assert any(b"It is on its way." in bytes(mail.content) for mail in CustomerMail.objects.all())
    check_order(listed(PAGE, "Reply out"), run)


def test_the_recorder_sees_order_and_absence() -> None:
    run = Recorder()
    run.files = ["rapport/a.py", "rapport/b.py"]
    check_order(["rapport/a.py", "rapport/b.py"], run)
    with pytest.raises(AssertionError):
        check_order(["rapport/b.py", "rapport/a.py"], run)
    with pytest.raises(AssertionError):
        check_order(["rapport/a.py", "rapport/c.py"], run)


@pytest.mark.parametrize("title", ["Mail in", "Reply out"])
def test_every_listed_file_exists(title: str) -> None:
    root = Path(__file__).resolve().parents[2]
    assert all((root / file).is_file() for file in listed(PAGE, title))
