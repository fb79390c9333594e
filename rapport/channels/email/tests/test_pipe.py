import io
import os
import resource
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.forms.models import model_to_dict

from rapport.channels.email.receive import pipe
from rapport.channels.email.tests.conftest import make_inbox
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Inbox, RawBody, RawInbound

MAIL = b"Message-ID: <one@example.org>\nFrom: a@example.org\n\nHello\n"
pytestmark = pytest.mark.django_db(transaction=True)


def where() -> tuple[Path, str]:
    """Return data folder and database address of the test database."""
    database = {name: str(value) for name, value in settings.DATABASES["default"].items()}
    if connection.vendor == "sqlite":
        return Path(database["NAME"]).parent, ""
    login = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
    name = connection.settings_dict["NAME"]
    return Path(
        settings.DATA
    ), f"postgresql://{login}@{database['HOST'] or 'localhost'}:{database['PORT']}/{name}"


def receive(content: bytes, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    data, url = where()
    if not url:
        path = Path(connection.settings_dict["NAME"])
        monkeypatch.setattr(pipe, "DATABASE_FILE", path.name)
        data = path.parent
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    return pipe.main(list(arguments), data=data, database_url=url)


def test_it_writes_the_row_that_store_raw_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = make_inbox()
    other = make_inbox("orders@shop.example")
    assert (
        receive(MAIL, "--recipient", "HELP+x@shop.example", "--sender", "a@b.org", monkeypatch=monkeypatch)
        == 0
    )
    piped = RawInbound.objects.get()
    stored = store_raw(
        inbox=other, content=MAIL, source="pipe", envelope_from="a@b.org", envelope_to="HELP+x@shop.example"
    )
    stored.refresh_from_db()
    own = {"id", "inbox", "unique_key", "received_at", "run_at"}
    assert {k: v for k, v in model_to_dict(piped).items() if k not in own} == {
        k: v for k, v in model_to_dict(stored).items() if k not in own
    }
    assert piped.inbox == inbox
    assert abs(stored.received_at - piped.received_at).total_seconds() < 10
    assert bytes(RawBody.objects.get(raw=piped).content) == MAIL
    inbox.refresh_from_db()
    assert inbox.last_received_at == piped.received_at


def test_a_copy_of_another_receivers_mail_is_no_second_row(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = make_inbox()
    store_raw(inbox=inbox, content=MAIL.replace(b"\n", b"\r\n"), source="lmtp")
    assert receive(MAIL, "--recipient", "help@shop.example", monkeypatch=monkeypatch) == 0
    assert RawInbound.objects.count() == 1


def test_the_recipient_may_come_from_the_mta(monkeypatch: pytest.MonkeyPatch) -> None:
    make_inbox()
    monkeypatch.setenv("ORIGINAL_RECIPIENT", "help@shop.example")
    assert receive(MAIL, monkeypatch=monkeypatch) == 0
    assert RawInbound.objects.get().envelope_to == "help@shop.example"


def test_a_large_mail_goes_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    make_inbox()
    assert receive(MAIL + b"x" * 70_000, "--inbox", "help@shop.example", monkeypatch=monkeypatch) == 0
    assert RawInbound.objects.get().file is not None


@pytest.mark.parametrize(
    "arguments",
    [(), ("--recipient", "nobody@shop.example"), ("--recipient",), ("--unknown", "x"), ("--recipient", "")],
)
def test_what_cannot_be_stored_stays_with_the_mta(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_inbox()
    monkeypatch.delenv("ORIGINAL_RECIPIENT", raising=False)
    assert receive(MAIL, *arguments, monkeypatch=monkeypatch) == 75
    assert not RawInbound.objects.exists()


def test_a_paused_inbox_lets_mail_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    Inbox.objects.filter(pk=make_inbox().pk).update(active=False)
    assert receive(MAIL, "--recipient", "help@shop.example", monkeypatch=monkeypatch) == 75


def test_no_database_is_a_temporary_failure(tmp_path: Path) -> None:
    program = "import sys; from rapport.config.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = {**os.environ, "RAPPORT_DATA": str(tmp_path), "RAPPORT_DATABASE_URL": ""}
    command = [sys.executable, "-c", program, "receive", "--recipient", "help@shop.example"]
    done = subprocess.run(command, input=MAIL, env=environment, capture_output=True, check=False)
    assert done.returncode == 75
    assert b"no database" in done.stderr
    broken = {**environment, "RAPPORT_PORT": "many"}
    assert subprocess.run(command, input=MAIL, env=broken, capture_output=True, check=False).returncode == 75
    bad_url = {**environment, "RAPPORT_DATABASE_URL": "postgresql://localhost:1/none"}
    assert subprocess.run(command, input=MAIL, env=bad_url, capture_output=True, check=False).returncode == 75


def test_it_runs_without_django_within_200_ms_of_work() -> None:
    program = (
        "import sys, io; sys.stdin = io.TextIOWrapper(io.BytesIO(b'x'))\n"
        "from rapport.config.cli import main\n"
        "code = main(['receive', '--recipient', 'help@shop.example'])\n"
        "assert 'django' not in sys.modules\n"
        "sys.exit(code)"
    )
    environment = {**os.environ, "RAPPORT_DATA": "/nonexistent", "RAPPORT_DATABASE_URL": ""}
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=False
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert done.returncode == 75, done.stderr
    assert min(times) < 0.2
