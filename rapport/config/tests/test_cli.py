# ruff: noqa: E501
"""The commands as people run them: help, members of staff, explain-mail, the registries."""

import json
import re
import subprocess
import sys

import pytest

from rapport.config.tests.installation import RAPPORT, copy_of, environment, rapport


def test_help_names_every_command_and_nonsense_is_refused(tmp_path):
    shown = rapport(tmp_path, "--help")
    assert shown.returncode == 0
    for command in ("serve", "worker", "receive", "explain-mail", "restore"):
        assert command in shown.stdout
    assert rapport(tmp_path, "dance").returncode == 2


@pytest.mark.parametrize("arguments", [["--help"], ["catalogue"], ["serve", "--help"]])
def test_a_reader_may_stop_reading(tmp_path, arguments):
    # The child makes the pipe: a process forked by another thread of ours at that moment would be a reader too.
    nobody_reads = (
        "import os; reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1); " + RAPPORT[-1]
    )
    left = subprocess.run(
        [sys.executable, "-c", nobody_reads, *arguments],
        env=environment(tmp_path, PYTHONUNBUFFERED=""),
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (left.stderr, left.returncode) == (b"", 141)


def test_members_of_staff_from_the_command_line(installed, tmp_path):
    data = copy_of(installed, tmp_path)
    invited = rapport(data, "user", "create", "ben@shop.example", "--name", "Ben", "--role", "specialist")
    assert "/invitation/" in invited.stdout, invited.stderr
    assert rapport(data, "user", "create", "x@shop.example", "--name", "X", "--role", "queen").returncode == 1
    weak = rapport(
        data, "user", "create", "y@shop.example", "--name", "Y", "--password-stdin", given="1234\n"
    )
    assert weak.returncode == 1
    assert rapport(data, "user", "disable", "ben@shop.example").returncode == 0
    assert rapport(data, "user", "disable", "lena@shop.example").returncode == 1
    assert rapport(data, "user", "disable", "nobody@shop.example").returncode == 1
    shown = rapport(data, "user", "list").stdout
    assert re.search(r"ben@shop.example .*disabled", shown)
    assert "y@shop.example" not in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["user", "list"],
        ["user", "create", "lena@shop.example", "--name", "Lena"],
        ["resume"],
        ["reactions", "--replay", "conversations.Entry"],
    ],
)
def test_a_command_before_the_first_start_ended_in_a_traceback(tmp_path, arguments):
    refused = rapport(tmp_path, *arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("rapport: ")
    assert "rapport migrate" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_mail_on_standard_input_was_looked_for_as_a_file(tmp_path):
    shown = rapport(tmp_path, "explain-mail", "-", given="From: ada@customer.example\n\nHello\n")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert json.loads(shown.stdout)["from_email"] == "ada@customer.example"


def test_reactions_and_catalogue_list_the_registries(installed):
    shown = rapport(installed, "catalogue")
    assert shown.returncode == 0, shown.stderr
    for word in ("message.received", "system_mail", "conversation:<id>", "/live", "/healthz"):
        assert word in shown.stdout
    assert rapport(installed, "reactions").returncode == 0
    assert rapport(installed, "reactions", "--replay", "no.such").returncode == 1
