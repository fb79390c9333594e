# ruff: noqa: E501
"""What `rapport check` and the start say of the settings, the secret key and the database."""

import errno
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from rapport.channels.email.limits import limits_of
from rapport.channels.email.parse import Limits
from rapport.config import secret
from rapport.config.environment import Environment, Misconfigured
from rapport.config.tests.installation import copy_of, environment, rapport

AS_NOBODY = """
import contextlib, io, os, sys
from rapport.config.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    main(["check"])  # loads all modules while this user may read them
os.environ["RAPPORT_DATA"] = sys.argv[1]
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
sys.exit(main(["check"]))
"""


def test_check_explains_everything_that_is_wrong(tmp_path):
    wrong = rapport(
        tmp_path, "check", RAPPORT_URL="http://desk.shop.example/x", RAPPORT_SECRET_KEY="short", RAPPORT_DEBUG="1",
        RAPPORT_SMTP_URL="ftp://x", RAPPORT_PORT="70000", RAPPORT_WEB_THREADS="0", RAPPORT_WEB_PROCESSES="2",
    )  # fmt: skip
    assert wrong.returncode == 1
    for name in ("URL", "SECRET_KEY", "DEBUG", "SMTP_URL", "PORT", "WEB_THREADS", "WEB_PROCESSES"):
        assert f"RAPPORT_{name}" in wrong.stdout
    demo = rapport(tmp_path, "demo", RAPPORT_URL="https://desk.shop.example")
    assert (demo.returncode, "demo" in demo.stderr) == (1, True)


def test_check_names_values_of_the_wrong_kind_beside_all_others(tmp_path):
    wrong = rapport(
        tmp_path, "check", RAPPORT_PORT="eight", RAPPORT_WEB_THREADS="many", RAPPORT_DEBUG="perhaps",
        RAPPORT_DATABASE_URL="mysql://x", RAPPORT_TRUSTED_PROXIES="10.0.0.1/8 proxy", RAPPORT_SMTP_URL="ftp://x",
        RAPPORT_DEMO="1", RAPPORT_URL="https://desk.shop.example",
    )  # fmt: skip
    names = ("PORT", "WEB_THREADS", "DEBUG", "DATABASE_URL", "TRUSTED_PROXIES", "SMTP_URL", "DEMO")
    assert [name for name in names if f"wrong  RAPPORT_{name}" not in wrong.stdout] == []
    assert "7 to put right" in wrong.stdout
    assert (wrong.returncode, wrong.stderr) == (1, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "http://[bad"),
        ("URL", "https://desk.shop.example:99999"),
        ("DATABASE_URL", "postgresql://u:geheim@h:abc/db"),
        ("DATABASE_URL", "postgresql://u:geheim@h:5432"),
        ("DATABASE_URL", "postgresql://u:geheim@h:5432/db?sslmod=verify-full"),
        ("DATABASE_URL", "postgresql://u:geheim@h:5432/db?pool=geheim"),
        ("DATABASE_URL", "postgresql://u:a?geheim=x@h:5432/db"),
        ("UNDO_SECONDS", "-5"),
        ("MAIL_MAX_BYTES", "-1"),
        ("MAIL_MAX_DEPTH", "0"),
        ("MAIL_MAX_DEPTH", "100000"),
        ("BIND", "nonsense.invalid"),
    ],
)
def test_check_broke_off_or_found_values_in_order_that_cannot_be(installed, name, value):
    wrong = rapport(installed, "check", **{f"RAPPORT_{name}": value})
    assert f"wrong  RAPPORT_{name}" in wrong.stdout
    assert "geheim" not in wrong.stdout
    assert (wrong.returncode, wrong.stderr) == (1, "")


def test_check_names_settings_that_are_none(installed):
    shown = rapport(installed, "check", RAPPORT_PROT="8001")
    assert "note   RAPPORT_PROT is no setting of Rapport; RAPPORT_PORT was perhaps meant" in shown.stdout
    assert shown.returncode == 0


def test_a_mail_is_explained_by_other_limits_than_it_is_taken_in_by(tmp_path):
    depth = range(50)
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in depth)
    mail = tmp_path / "nested.eml"
    mail.write_text(f"From: a@b.example\r\n{nested}\r\nHello\r\n")
    assert "refused" not in json.loads(rapport(tmp_path, "explain-mail", str(mail)).stdout)
    strict = rapport(tmp_path, "explain-mail", str(mail), RAPPORT_MAIL_MAX_DEPTH="30").stdout
    assert json.loads(strict)["refused"]["code"] == "depth"
    assert limits_of(Environment()) == Limits()


def test_serve_names_all_values_of_the_wrong_kind(tmp_path):
    wrong = rapport(tmp_path, "serve", RAPPORT_PORT="eight", RAPPORT_DEBUG="perhaps")
    assert wrong.returncode != 0
    assert "RAPPORT_PORT" in wrong.stderr
    assert "RAPPORT_DEBUG" in wrong.stderr


@pytest.mark.parametrize(
    ("proxies", "code", "words"),
    [
        ("", 0, "TRUSTED_PROXIES is not set"),
        ("127.0.0.1, 10.0.0.0/8 ::1", 0, ""),
        ("0.0.0.0/0", 1, "trusts every"),
    ],
)
def test_check_says_whether_visitors_can_be_told_apart(installed, proxies, code, words):
    shown = rapport(
        installed, "check", RAPPORT_URL="https://desk.shop.example", RAPPORT_TRUSTED_PROXIES=proxies
    )
    assert (shown.returncode, "PROXIES" in shown.stdout, words in shown.stdout) == (code, bool(words), True)


def test_check_called_a_fresh_folder_wrong_before_the_first_start(tmp_path):
    fresh = rapport(tmp_path, "check")
    assert (fresh.returncode, "the database is empty" in fresh.stdout) == (0, True)


def test_check_finds_an_old_database_and_is_content_with_a_good_one(tmp_path, installed):
    data = copy_of(installed, tmp_path)
    with sqlite3.connect(data / "rapport.sqlite3") as database:
        database.execute("DELETE FROM django_migrations WHERE app = 'notifications'")
    database.close()
    old = rapport(data, "check")
    assert (old.returncode, "rapport migrate" in old.stdout) == (1, True)
    good = rapport(installed, "check")
    assert (good.returncode, "in order" in good.stdout) == (0, True)


def test_check_broke_off_at_a_folder_of_another_user(installed):
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        (data / "secret_key").write_text("x" * 64)
        data.chmod(0)
        Path(folder).chmod(0o755)
        checked = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(data)],
            env=environment(installed), capture_output=True, text=True, check=False,
        )  # fmt: skip
        data.chmod(0o700)
    assert (checked.returncode, checked.stderr) == (1, "")
    assert f"this user may not write to {data}" in checked.stdout


def test_an_empty_secret_key_was_found_in_order(tmp_path):
    (tmp_path / "secret_key").touch(0o600)
    checked = rapport(tmp_path, "check")
    assert (checked.returncode, "secret_key is empty" in checked.stdout) == (1, True)
    for command in ("migrate", "serve"):
        refused = rapport(tmp_path, command)
        assert (refused.returncode, "secret_key is empty" in refused.stderr) == (1, True)
        assert "Traceback" not in refused.stderr


def test_a_folder_without_hard_links_ended_in_a_traceback(tmp_path, monkeypatch):
    def refuse(*_paths):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(Misconfigured, match="hard links"):
        secret.make(secret.path(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    path = secret.path(tmp_path)
    keys = []

    def start():
        secret.make(path)
        keys.append(secret.read(path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    assert len(keys) == 8
    assert list(tmp_path.iterdir()) == [path]
