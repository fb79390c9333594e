"""Stored files come back as they were, or not at all."""

import os
from datetime import UTC, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from rapport.kernel import clock
from rapport.kernel.files import storage
from rapport.kernel.files.models import StoredFile
from rapport.kernel.files.references import References, referenced, register_references
from rapport.kernel.files.storage import Damaged, TooLarge, folder, intact, open_file, path_of, read, store
from rapport.kernel.files.sweeper import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def holding():
    held: set[int] = set()
    register_references(References("test", lambda ids: held & set(ids)))
    yield held
    register_references(References("test", lambda ids: []))


def on_disk() -> set[str]:
    return {path.name for path in folder().rglob("*") if path.is_file()}


@pytest.mark.parametrize("content", [b"", b"hello", os.urandom(3 * 1024 * 1024)])
@pytest.mark.parametrize("as_file", [True, False])
def test_what_was_stored_is_read(content, as_file):
    stored = store(BytesIO(content) if as_file else content, name="a.txt", content_type="text/plain")
    again = StoredFile.objects.get(key=stored.key)
    assert (read(again), again.size, again.name) == (content, len(content), "a.txt")
    assert intact(again)
    assert path_of(stored.key).stat().st_mode & 0o777 == 0o600


def test_nothing_on_disk_is_named_by_the_sender():
    stored = store(b"x", name="../../evil.sh")
    assert stored.name == "evil.sh"
    assert on_disk() == {stored.key}
    assert len(stored.key) == 32
    assert path_of(stored.key).is_relative_to(folder())


def test_the_same_content_twice_is_two_files_with_one_hash():
    one, two = store(b"x", name="a"), store(b"x", name="a")
    assert one.key != two.key
    assert one.sha256 == two.sha256


def test_file_and_folder_are_on_disk_before_the_row(monkeypatch):
    synced = []
    real = os.fsync

    def fsync(handle):
        synced.append((str(Path(f"/proc/self/fd/{handle}").readlink()), StoredFile.objects.count()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    path = path_of(store(b"x", name="a").key)
    assert [where for where, _ in synced][-2:] == [str(path), str(path.parent)]
    assert {str(folder()), str(path.parent.parent)} <= {where for where, _ in synced}
    assert {rows for _, rows in synced} == {0}


def test_damage_is_noticed():
    stored = store(b"hello", name="a")
    path_of(stored.key).write_bytes(b"hellO")
    with pytest.raises(Damaged):
        read(stored)
    assert not intact(stored)
    path_of(stored.key).write_bytes(b"hell")
    with pytest.raises(Damaged):
        open_file(stored)
    path_of(stored.key).unlink()
    with pytest.raises(Damaged):
        open_file(stored)
    assert not intact(stored)


def test_too_large_leaves_nothing():
    with pytest.raises(TooLarge):
        store(b"12345", name="a", max_bytes=4)
    assert on_disk() == set()
    assert StoredFile.objects.count() == 0
    assert store(b"1234", name="a", max_bytes=4).size == 4


def test_a_source_that_fails_leaves_nothing():
    class Broken(BytesIO):
        def read(self, size=-1):
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        store(Broken(), name="a")
    assert on_disk() == set()


def test_the_sweeper_takes_what_nobody_holds_after_an_hour(holding):
    kept, loose = store(b"1", name="kept"), store(b"2", name="loose")
    holding.add(kept.pk)
    assert sweep() == 0
    with clock.travel(clock.now() + timedelta(hours=1, minutes=1)):
        assert sweep() == 1
    assert on_disk() == {kept.key}
    assert list(StoredFile.objects.all()) == [kept]
    assert not StoredFile.objects.filter(pk=loose.pk).exists()


def test_the_sweeper_takes_files_that_no_row_names():
    stored = store(b"1", name="a")
    orphan = path_of("ab" * 16)
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"cut off")
    assert sweep() == 0
    old = (clock.now().astimezone(UTC) - timedelta(hours=2)).timestamp()
    os.utime(orphan, (old, old))
    os.utime(path_of(stored.key), (old, old))
    assert sweep() == 1
    assert on_disk() == {stored.key}


def test_the_sweeper_goes_through_all_batches(holding, monkeypatch):
    monkeypatch.setattr("rapport.kernel.files.sweeper.BATCH", 2)
    stored = [store(b"1", name="a") for _ in range(5)]
    holding.add(stored[3].pk)
    with clock.travel(clock.now() + timedelta(hours=2)):
        assert sweep() == 4


def test_a_holder_is_asked_about_the_given_ids_only():
    asked = []
    register_references(References("test", lambda ids: asked.append(set(ids)) or []))
    try:
        assert referenced([1, 2]) == set()
    finally:
        register_references(References("test", lambda ids: []))
    assert asked == [{1, 2}]


def test_the_folder_lies_in_the_data_folder(tmp_path):
    assert storage.folder() == tmp_path / "files"
