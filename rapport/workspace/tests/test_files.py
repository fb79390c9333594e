"""All files of a conversation, wherever in it they stand."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rapport.conversations.models import Attachment, Conversation, Message, Note, SideMessage
from rapport.kernel.clock import now
from rapport.kernel.files.storage import path_of, store
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World


def attach(name: str, content: bytes = b"words", *, inline: bool = False, **owner: object) -> Attachment:
    stored = store(content, name=name)
    return Attachment.objects.create(
        file=stored, name=name, content_type=stored.content_type, size=stored.size, inline=inline, **owner
    )


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent())


@pytest.fixture
def message(conversation: Conversation) -> Message:
    return conversation.messages.get()


@pytest.fixture
def note(conversation: Conversation) -> Note:
    return Note.objects.create(conversation=conversation, text="see file", created_at=now())


@pytest.fixture
def side(conversation: Conversation) -> SideMessage:
    return SideMessage.objects.create(
        conversation=conversation, direction="in", text="here it is", created_at=now()
    )


def archive(client: Client, conversation: Conversation) -> zipfile.ZipFile:
    answer = client.get(f"/conversations/{conversation.number}/files.zip")
    assert answer.status_code == 200
    found = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert found.testzip() is None
    return found


def test_the_panel_hid_every_file_but_the_newest_twenty(client, conversation, message) -> None:
    for number in range(23):
        attach(f"photo-{number}.txt", message=message)
    panel = client.get(f"/conversations/{conversation.number}/panel").content.decode()
    assert '<span class="side__count">23</span>' in panel
    assert "photo-22.txt" in panel
    assert "photo-0.txt" not in panel
    assert f'href="/conversations/{conversation.number}/files"' in panel
    assert f'href="/conversations/{conversation.number}/files.zip"' in panel
    page = client.get(f"/conversations/{conversation.number}/files").content.decode()
    assert all(f"photo-{number}.txt" in page for number in range(23))
    assert len(archive(client, conversation).namelist()) == 23


def test_files_of_notes_and_side_talks_are_there_and_marked_as_internal(
    client, conversation, message, note, side
) -> None:
    attach("invoice.txt", b"public", message=message)
    attach("invoice.txt", b"noted", note=note)
    attach("offer.txt", b"from the supplier", side_message=side)
    attach("logo.png", b"picture", inline=True, message=message)
    found = archive(client, conversation)
    assert {name: found.read(name) for name in found.namelist()} == {
        "invoice.txt": b"public",
        "internal/invoice.txt": b"noted",
        "internal/offer.txt": b"from the supplier",
        "pictures in the text/logo.png": b"picture",
    }
    page = client.get(f"/conversations/{conversation.number}/files").content.decode()
    assert page.count('href="#lock"') + page.count("#lock") >= 2
    assert "offer.txt" in client.get(f"/conversations/{conversation.number}/panel").content.decode()


def test_no_name_leaves_the_folder_or_hides_another(client, conversation, message) -> None:
    names = ["../../etc/passwd", "/root/x", "..\\..\\boot.ini", "con", "x\n.exe"]
    names += ["a.txt", "A.TXT", "2-a.txt", "a.txt"]
    for name in names:
        attach(name, name.encode(), message=message)
    found = archive(client, conversation).namelist()
    assert len({name.casefold() for name in found}) == len(names)
    assert not [name for name in found if "/" in name or "\\" in name or name.startswith(".") or "\n" in name]


def test_a_damaged_file_is_named_and_the_others_still_come(client, conversation, message) -> None:
    gone, bent = attach("gone.txt", message=message), attach("bent.txt", message=message)
    attach("whole.txt", b"whole", message=message)
    path_of(gone.file.key).unlink()
    path_of(bent.file.key).write_bytes(b"wards")
    found = archive(client, conversation)
    assert found.read("whole.txt") == b"whole"
    assert found.read("missing.txt").decode().splitlines()[1:] == ["gone.txt", "bent.txt"]


def test_what_is_too_much_for_one_archive_is_said(client, conversation, message, monkeypatch) -> None:
    for number in range(4):
        attach(f"{number}.txt", b"x" * 10, message=message)
    monkeypatch.setattr("rapport.workspace.views.files.LARGEST_ZIP", 25)
    found = archive(client, conversation)
    assert found.namelist() == ["2.txt", "3.txt", "missing.txt"]
    assert "2" in found.read("missing.txt").decode()


def test_a_conversation_without_files_has_an_empty_page_and_no_archive(client, conversation) -> None:
    assert client.get(f"/conversations/{conversation.number}/files").status_code == 200
    assert client.get(f"/conversations/{conversation.number}/files.zip").status_code == 404
    assert "files.zip" not in client.get(f"/conversations/{conversation.number}/panel").content.decode()


def test_all_files_are_found_by_as_many_queries_as_few(client, conversation, message) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/conversations/{conversation.number}/panel")
        return len(queries)

    attach("first.txt", message=message)
    few = asked()
    for number in range(30):
        attach(f"{number}.txt", message=message)
    assert asked() <= few


def test_a_page_of_files_leads_to_the_older_ones(client, conversation, message) -> None:
    for number in range(60):
        attach(f"photo-{number}.txt", message=message)
    page = client.get(f"/conversations/{conversation.number}/files").content.decode()
    assert "photo-9.txt" not in page
    older = page.partition('rel="next" href="')[2].partition('"')[0]
    page = client.get(older).content.decode()
    assert "photo-9.txt" in page
    assert "photo-10.txt" not in page
    assert 'rel="next"' not in page


@pytest.mark.parametrize("role", [Role.COLLABORATOR, Role.REPRESENTATIVE])
def test_files_of_a_conversation_out_of_reach_do_not_exist(company, conversation, message, role) -> None:
    attach("secret.txt", message=message)
    conversation.team, conversation.brand = company.other_team, company.other_brand
    conversation.save()
    conversation.places.update(team=company.other_team)
    for address in ("files", "files.zip"):
        answer = signed_in(company.agent(role)).get(f"/conversations/{conversation.number}/{address}")
        assert answer.status_code == 404


def test_a_quotation_mark_in_a_files_name_went_out_as_percent_22(client: Client) -> None:
    given = SimpleUploadedFile("the %22q%22.txt", b"words")
    assert client.post("/files", {"file": given}).json()["name"] == "the _q_.txt"
    assert Attachment.objects.get().name == "the _q_.txt"


def test_an_empty_file_was_attached_without_a_word(client: Client) -> None:
    answer = client.post("/files", {"file": SimpleUploadedFile("plan.txt", b"")})
    assert (answer.status_code, answer.json()["error"]) == (400, "plan.txt is empty and was not kept.")
    assert not Attachment.objects.exists()
