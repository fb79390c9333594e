"""``rapport receive`` as an MTA runs it: any code but 0 and 75 would return the mail to its writer."""

import os
import signal
import subprocess
import sys

import pytest

PROGRAM = "import sys; from rapport.config.cli import main; sys.exit(main())"
MAIL = b"Message-ID: <one@example.org>\nFrom: a@example.org\n\nHello\n"
DEFER = 75


def started(data, before="", program=PROGRAM, **streams):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    command = [sys.executable, "-c", program, "receive", "--recipient", "help@shop.example"]
    if before:
        command = ["sh", "-c", f'{before}; exec "$@"', "sh", *command]
    return subprocess.Popen(
        command,
        env=kept | {"RAPPORT_DATA": str(data)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **streams,
    )


@pytest.mark.parametrize(
    "streams",
    [">&- 2>&-", "2>&-", ">/dev/full 2>/dev/full", "2>/dev/full", "<&-", "<&- >&- 2>&-"],
)
def test_a_mail_bounced_because_the_reason_could_not_be_said(tmp_path, streams):
    process = started(tmp_path, before=f"exec {streams}")
    process.communicate(MAIL)
    assert process.returncode == DEFER


def test_a_mail_bounced_because_nobody_read_the_reason(tmp_path):
    process = started(tmp_path)
    assert process.stdin and process.stderr
    process.stderr.close()
    process.stdin.write(MAIL)
    process.stdin.close()
    assert process.wait() == DEFER


def test_a_mail_bounced_because_a_module_could_not_be_loaded(tmp_path):
    broken = f"import sys; sys.modules['rapport.channels.email.receive'] = None; {PROGRAM}"
    process = started(tmp_path, program=broken)
    process.communicate(MAIL)
    assert process.returncode == DEFER


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_mail_bounced_because_the_machine_was_shut_down(tmp_path, number):
    reading = (
        "import sys, os\n"
        "from rapport.channels.email.receive import pipe\n"
        "def slow(*given, **more):\n"
        "    os.write(2, b'now'); import time; time.sleep(60)\n"
        "pipe.receive = slow\n" + PROGRAM
    )
    process = started(tmp_path, program=reading)
    assert process.stdin and process.stderr
    process.stdin.write(MAIL)
    process.stdin.close()
    assert process.stderr.read(3) == b"now"
    process.send_signal(number)
    process.stderr.read()
    process.stderr.close()
    assert process.wait() == DEFER
