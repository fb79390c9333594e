"""The test servers do what tests rely on."""

import imaplib
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis as redis_client

from tests.servers.dovecot import dovecot as start_dovecot
from tests.servers.postfix import postfix as start_postfix
from tests.servers.process import Missing, program

pytestmark = pytest.mark.servers
MAIL = b"Message-ID: <1@x.example>\r\nSubject: parcel\r\n\r\nWhere is it?\r\n"


def _send(port, recipients, content=MAIL):
    with smtplib.SMTP("127.0.0.1", port) as client:
        return client.sendmail("anna@x.example", recipients, content)


def _imap(server, address):
    client = imaplib.IMAP4("127.0.0.1", server.imap_port)
    client.login(address, server.password)
    return client


def test_a_mail_goes_through_postfix_into_the_mailbox(postfix_to_dovecot, dovecot):
    _send(postfix_to_dovecot.port, ["support@shop.example", "Orders@shop.example"])
    postfix_to_dovecot.drain()
    for address in ("support@shop.example", "orders@shop.example"):
        with _imap(dovecot, address) as client:
            assert client.select()[1] == [b"1"]
            assert b"Where is it?" in client.fetch("1", "(BODY.PEEK[])")[1][0][1]
        assert len(dovecot.messages(address)) == 1


def test_uidvalidity_changes_and_the_mail_stays(dovecot):
    seen = []
    with smtplib.LMTP("127.0.0.1", dovecot.lmtp_port) as client:
        client.sendmail("a@x.example", ["support@shop.example"], MAIL)
    for _ in range(2):
        with _imap(dovecot, "support@shop.example") as client:
            assert client.select()[1] == [b"1"]
            seen.append(client.response("UIDVALIDITY")[1][0])
        dovecot.change_uidvalidity("support@shop.example")
    assert seen[0] != seen[1]


def test_a_restarted_dovecot_has_its_mail(tmp_path):
    tmp_path.chmod(0o755)
    for parent in (tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)
    try:
        with start_dovecot(path=tmp_path) as first:
            ports = (first.imap_port, first.lmtp_port)
            with smtplib.LMTP("127.0.0.1", first.lmtp_port) as client:
                client.sendmail("a@x.example", ["support@shop.example"], MAIL)
    except Missing as missing:
        pytest.skip(str(missing))
    with start_dovecot(path=tmp_path, ports=ports) as second, _imap(second, "support@shop.example") as client:
        assert client.select()[1] == [b"1"]


def test_postfix_pipes_into_a_command(tmp_path):
    target = Path("/tmp") / f"rapport-pipe-{time.time_ns()}"
    write = f"pathlib.Path('{target}').write_bytes(sys.argv[1].encode()+sys.stdin.buffer.read())"
    script = f"import sys,pathlib;{write}"
    try:
        with start_postfix(pipe=f"/usr/bin/python3 -c {{ {script} }} ${{recipient}}") as server:
            _send(server.port, ["support@shop.example"])
            server.drain()
            text = target.read_bytes()
    except Missing as missing:
        pytest.skip(str(missing))
    finally:
        target.unlink(missing_ok=True)
    assert text.startswith(b"support@shop.example")
    assert b"Where is it?" in text


def test_the_sink_waits_and_writes_down(smtp_sink):
    began = time.monotonic()
    _send(smtp_sink.port, ["bo@y.example", "cy@y.example"])
    assert 0.05 <= time.monotonic() - began < 2
    (taken,) = smtp_sink.taken()
    assert (taken.message_id, taken.subject) == ("<1@x.example>", "parcel")
    assert taken.recipients == ("bo@y.example", "cy@y.example")
    assert abs(taken.at - time.time()) < 5
    assert b"Where is it?" in smtp_sink.content(taken)


def test_the_sink_refuses_and_delays_by_address(smtp_sink):
    refused = _send(smtp_sink.port, ["bo@y.example", "refused@y.example", "busy@y.example"])
    assert {address: code for address, (code, _) in refused.items()} == {
        "refused@y.example": 550,
        "busy@y.example": 451,
    }
    assert _send(smtp_sink.port, ["busy@y.example"]) == {}
    assert [taken.recipients for taken in smtp_sink.taken()] == [("bo@y.example",), ("busy@y.example",)]


def test_postgres_serves_an_empty_database(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


def test_the_postgres_command_hands_over_address_and_exit_code():
    script = (
        "import os,sys;sys.exit(7 if os.environ['RAPPORT_DATABASE_URL'].startswith('postgresql://') else 1)"
    )
    command = [sys.executable, "-m", "tests.servers.postgres", "--fast", sys.executable, "-c", script]
    assert subprocess.run(command, check=False, cwd=Path(__file__).parents[2]).returncode == 7


def test_redis_answers(redis_url):
    with redis_client.Redis.from_url(redis_url) as client:
        assert client.ping()


def test_a_missing_program_is_named_with_its_package():
    with pytest.raises(Missing, match=r"no-such-server .*package of-it"):
        program("no-such-server", "of-it")
