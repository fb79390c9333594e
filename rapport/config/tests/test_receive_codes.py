"""``rapport receive`` as an MTA runs it: any code but 0 and 75 would return the mail to its writer."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "import sys; from rapport.config.cli import main; sys.exit(main())"
MAIL = b"Message-ID: <one@example.org>\nFrom: a@example.org\n\nHello\n"
SLOW = (
    "import sys, os\n"
    "from rapport.channels.email.receive import pipe\n"
    "def slow(*given, **more):\n"
    "    os.write(2, b'now'); import time; time.sleep(60)\n"
    "pipe.receive = slow\n" + PROGRAM
)
DEFER = 75
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "receive-by-postfix.md"


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
    process = started(tmp_path, program=SLOW)
    assert process.stdin and process.stderr
    process.stdin.write(MAIL)
    process.stdin.close()
    assert process.stderr.read(3) == b"now"
    process.send_signal(number)
    process.stderr.read()
    process.stderr.close()
    assert process.wait() == DEFER


def documented(folder, *arguments, variables="", program=PROGRAM):
    """Run what the page tells to write into bin/receive, with its paths in ``folder``."""
    [script] = re.findall(r"^#!/bin/sh\n(?:[^`\n]+\n)+", PAGE.read_text(), re.MULTILINE)
    (folder / "receive").write_text(
        script.replace("/etc/rapport.env", str(folder / "rapport.env")).replace(
            "/srv/rapport/app/.venv/bin/rapport", str(folder / "rapport")
        )
    )
    if variables is not None:
        (folder / "rapport.env").write_text(f"RAPPORT_DATA={folder}\n{variables}\n")
    if program is not None:
        (folder / "program.py").write_text(program)
        (folder / "rapport").write_text(f'#!/bin/sh\nexec {sys.executable} {folder}/program.py "$@"\n')
        (folder / "rapport").chmod(0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    command = ["sh", str(folder / "receive"), *arguments]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=kept, start_new_session=True, **streams)


def code_of(process):
    process.communicate(MAIL)
    return process.returncode


@pytest.mark.parametrize(
    "what",
    [
        {"variables": None},
        {"variables": "RAPPORT_URL=("},
        {"program": None},
        {"program": "import nothing_of_this_name"},
        {"program": "from rapport.config.cli import nothing_of_this_name"},
    ],
)
def test_the_documented_pipe_returned_mail_while_a_new_version_was_installed(tmp_path, what):
    assert code_of(documented(tmp_path, "--recipient", "help@shop.example", **what)) == DEFER


def test_the_documented_pipe_says_what_the_program_says(tmp_path):
    assert code_of(documented(tmp_path, "--help")) == 0
    assert code_of(documented(tmp_path, "--recipient", "help@shop.example")) == DEFER


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_documented_pipe_keeps_the_mail_when_the_machine_is_shut_down(tmp_path, number):
    process = documented(tmp_path, "--recipient", "help@shop.example", program=SLOW)
    process.stdin.write(MAIL)
    process.stdin.close()
    assert process.stderr.read(3) == b"now"
    os.killpg(process.pid, number)
    process.stderr.read()
    process.stderr.close()
    process.stdout.close()
    assert process.wait() == DEFER
