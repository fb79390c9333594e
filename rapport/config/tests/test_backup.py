"""Backup, restore, and a copy that holds until it is resumed."""

import signal
import sqlite3
import tarfile

import pytest

from rapport.config.tests.installation import copy_of, killed_restore, rapport, stopped_restore
from tests.servers.process import free_port

MOMENTS = {
    "the key": "os.rename secret_key",
    "the files": "os.rename files",
    "the database": "os.rename rapport.sqlite3",
    "the mark": "os.remove restore-unfinished",
}
"""What a restore is about to do when it is killed."""
BEGINNINGS = ("serve", "demo", "web", "worker", "mail", "migrate", "check")
NOT_FINISHED = "was not finished. Run rapport restore"


def test_a_restored_copy_is_whole_and_holds_still_until_resumed(installed, tmp_path):
    files = installed / "files" / "ab"
    files.mkdir(parents=True, exist_ok=True)
    (files / "abcd").write_bytes(b"a file")
    data = copy_of(installed, tmp_path)
    assert (data / "files" / "ab" / "abcd").read_bytes() == b"a file"
    assert (data / "secret_key").read_text() == (installed / "secret_key").read_text()
    assert (tmp_path / "copy.tar").stat().st_mode & 0o077 == 0
    assert "lena@shop.example" in rapport(data, "user", "list").stdout

    def holds():
        connection = sqlite3.connect(data / "rapport.sqlite3")
        try:
            return connection.execute("SELECT count(*) FROM jobs_hold").fetchone()[0]
        finally:
            connection.close()

    assert holds() == 1
    checked = rapport(data, "check")
    assert (checked.returncode, "note   This is a restored copy" in checked.stdout) == (0, True)
    assert (rapport(data, "resume").returncode, holds()) == (1, 1)
    assert (rapport(data, "resume", "--yes").returncode, holds()) == (0, 0)
    again = rapport(data, "restore", str(tmp_path / "copy.tar"))
    assert (again.returncode, "already" in again.stderr) == (1, True)


@pytest.mark.parametrize("log", ["rapport.sqlite3-wal", "rapport.sqlite3-shm", "rapport.sqlite3-journal"])
def test_a_restored_database_took_in_the_log_of_the_broken_one(installed, tmp_path, log):
    archive, data = tmp_path / "copy.tar", tmp_path / "broken"
    assert rapport(installed, "backup", str(archive)).returncode == 0
    data.mkdir()
    (data / log).write_bytes(b"pages of the broken database")
    refused = rapport(data, "restore", str(archive))
    assert (refused.returncode, log in refused.stderr, "move" in refused.stderr) == (1, True, True)
    assert not (data / "rapport.sqlite3").exists()
    (data / log).unlink()
    assert rapport(data, "restore", str(archive)).returncode == 0


def test_a_fresh_folder_that_was_only_checked_took_no_backup(installed, tmp_path):
    archive = tmp_path / "copy.tar"
    assert rapport(installed, "backup", str(archive)).returncode == 0
    assert rapport(tmp_path / "fresh", "check").returncode == 0
    restored = rapport(tmp_path / "fresh", "restore", str(archive))
    assert restored.returncode == 0, restored.stderr
    assert "lena@shop.example" in rapport(tmp_path / "fresh", "user", "list").stdout


def test_a_backup_leaves_an_existing_file_alone_unless_forced(installed, tmp_path):
    kept = tmp_path / "kept.tar"
    kept.write_bytes(b"the backup of yesterday")
    refused = rapport(installed, "backup", str(kept))
    assert (refused.returncode, "--force" in refused.stderr) == (1, True)
    assert kept.read_bytes() == b"the backup of yesterday"
    assert rapport(installed, "backup", "--force", str(kept)).returncode == 0
    assert tarfile.is_tarfile(kept)


@pytest.mark.parametrize("content", [b"", b"no tar", b"\0" * 20_000])
def test_what_is_no_backup_is_refused(tmp_path, content):
    (tmp_path / "odd.tar").write_bytes(content)
    refused = rapport(tmp_path / "new", "restore", str(tmp_path / "odd.tar"))
    assert (refused.returncode, refused.stderr.startswith("rapport restore:")) == (1, True)
    assert not (tmp_path / "new" / "rapport.sqlite3").exists()


def test_other_users_of_the_machine_could_read_the_database(tmp_path):
    data = tmp_path / "data"
    assert rapport(data, "migrate").returncode == 0
    archive = tmp_path / "copy.tar"
    assert rapport(data, "backup", str(archive)).returncode == 0
    assert rapport(tmp_path / "copy", "restore", str(archive)).returncode == 0
    for folder in (data, tmp_path / "copy"):
        found = {path: path.stat().st_mode & 0o077 for path in [folder, *folder.rglob("*")]}
        assert [path for path, open_to_others in found.items() if open_to_others] == []
    assert "other users" not in rapport(data, "check").stdout
    (data / "rapport.sqlite3").chmod(0o644)
    data.chmod(0o755)
    checked = rapport(data, "check")
    assert (checked.returncode, "chmod -R go= " in checked.stdout) == (0, True)


@pytest.fixture
def with_a_file(installed):
    (installed / "files" / "ab").mkdir(parents=True, exist_ok=True)
    (installed / "files" / "ab" / "abcd").write_bytes(b"a file")
    return installed


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_restore_left_a_folder_that_no_restore_took(with_a_file, tmp_path, moment):
    archive, data = tmp_path / "copy.tar", tmp_path / "copy"
    assert rapport(with_a_file, "backup", str(archive)).returncode == 0
    assert killed_restore(data, archive, MOMENTS[moment]) == -signal.SIGKILL
    again = rapport(data, "restore", str(archive))
    assert again.returncode == 0, again.stderr
    assert (data / "files" / "ab" / "abcd").read_bytes() == b"a file"
    assert (data / "secret_key").read_text() == (with_a_file / "secret_key").read_text()
    assert "lena@shop.example" in rapport(data, "user", "list").stdout
    assert (list((data / "run").iterdir()), (data / "restore-unfinished").exists()) == ([], False)


@pytest.mark.parametrize("moment", ["the files", "the mark"])
def test_an_installation_began_beside_the_key_of_a_killed_restore(with_a_file, tmp_path, moment):
    archive, data = tmp_path / "copy.tar", tmp_path / "copy"
    assert rapport(with_a_file, "backup", str(archive)).returncode == 0
    killed_restore(data, archive, MOMENTS[moment])
    before = sorted(data.rglob("*"))
    for command in BEGINNINGS:
        refused = rapport(data, command, RAPPORT_PORT=str(free_port()))
        assert (refused.returncode, NOT_FINISHED in refused.stdout + refused.stderr) == (1, True), command
    assert NOT_FINISHED in rapport(data, "backup", str(tmp_path / "half.tar")).stderr
    assert rapport(data, "receive", "--recipient", "support@shop.example", given="a mail").returncode == 75
    assert (sorted(data.rglob("*")), (tmp_path / "half.tar").exists()) == (before, False)
    assert rapport(data, "restore", str(archive)).returncode == 0


def test_a_key_that_was_there_went_with_a_killed_restore(with_a_file, tmp_path):
    archive, data = tmp_path / "copy.tar", tmp_path / "copy"
    assert rapport(with_a_file, "backup", str(archive)).returncode == 0
    data.mkdir()
    (data / "secret_key").write_text("the key that was here")
    killed_restore(data, archive, MOMENTS["the database"])
    (tmp_path / "odd.tar").write_bytes(b"no tar")
    refused = rapport(data, "restore", str(tmp_path / "odd.tar"))
    assert (refused.returncode, (data / "secret_key").read_text()) == (1, "the key that was here")
    assert NOT_FINISHED in rapport(data, "check").stdout
    assert rapport(data, "restore", str(archive)).returncode == 0


def test_a_restore_took_back_what_another_one_is_doing(with_a_file, tmp_path):
    archive, data = tmp_path / "copy.tar", tmp_path / "copy"
    assert rapport(with_a_file, "backup", str(archive)).returncode == 0
    with stopped_restore(data, archive, MOMENTS["the database"]):
        refused = rapport(data, "restore", str(archive))
        assert (refused.returncode, "still at work" in refused.stderr) == (1, True)
    assert "lena@shop.example" in rapport(data, "user", "list").stdout
