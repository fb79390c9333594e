"""SEC-03: sixty active files, from mails and colleagues, asked for at every address that gives files out."""

import io
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rapport.conversations.models import Attachment
from rapport.kernel.files.tests.polyglots import CLAIMS, PAYLOADS
from rapport.kernel.files.types import SHOWN_INLINE, UNKNOWN
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from tests.security.acting import content_of, signed_in
from tests.world import World, conversation_of, receive

# Each content under three of the types and names by which senders pass something off as something else.
FILES = [
    (name, f"{number}{ending}", claim)
    for number, name in enumerate(PAYLOADS)
    for ending, claim in zip((".html", ".svg", ".png"), (CLAIMS * 2)[number % 6 :][:3], strict=True)
]
FORMS: tuple[str, ...] = (
    "{0}",
    "{0}?inline",
    "{0}?inline=1",
    "{0}?inline&download",
    "{1}/x.html",
    "{1}/x.svg?inline",
)
FORMS += ("{1}/x.pdf?inline", "{1}/%2e%2e%2fx.html?inline", "{1}/x.js?inline&type=text/javascript")


@pytest.fixture
def brought(company: World) -> list[Attachment]:
    """The files as the mail brought them; ten to a mail."""
    for start in range(0, len(FILES), 10):
        message = EmailMessage()
        message["From"], message["To"] = "ada@customer.example", company.inbox.address
        message["Subject"], message["Message-ID"] = f"Files {start}", f"<files-{start}@customer.example>"
        message.set_content("Here they are.")
        for name, called, claim in FILES[start : start + 10]:
            kind, _, rest = claim.partition(";")[0].partition("/")
            message.add_attachment(PAYLOADS[name], maintype=kind, subtype=rest, filename=called)
        conversation_of(receive(company.inbox, message.as_bytes()))
    return list(Attachment.objects.order_by("pk"))


def uploaded(client: Client) -> Iterator[str]:
    """Upload each file as a colleague does; yield the addresses that the answer names."""
    for name, called, claim in FILES:
        given = SimpleUploadedFile(called, PAYLOADS[name], content_type=claim)
        answer = client.post("/files", {"file": given})
        assert answer.status_code == 200
        yield from (str(answer.json()[key]) for key in ("url", "inline_url") if answer.json()[key])


def assert_inert(client: Client, address: str) -> bytes:
    """The answer cannot act in our origin: it is saved, or shown in a sandbox, its type never guessed."""
    answer = client.get(address)
    content = content_of(answer)
    if answer.status_code == 404:
        return b""
    assert answer.status_code == 200, address
    policy = answer.headers.get("Content-Security-Policy", "")
    shown = not answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff", address
    assert answer.headers["Content-Type"] in SHOWN_INLINE | {UNKNOWN, "application/zip"}, address
    assert not shown or "sandbox" in policy or answer.headers["Content-Type"] == "application/pdf", address
    assert not shown or "script-src" not in policy, address
    assert not shown or "default-src 'none'" in policy, address
    return content


def test_no_file_from_a_mail_acts_at_any_address(company: World, brought: list[Attachment]) -> None:
    assert len(brought) == len(FILES) == 60
    client, got = signed_in(company.agent()), 0
    for attachment in brought:
        start = f"/files/{attachment.pk}"
        for form in FORMS:
            got += bool(assert_inert(client, form.format(f"{start}/{attachment.name}", start)))
    assert got > 60 * 6


def test_no_file_of_a_colleague_acts_at_any_address(company: World) -> None:
    client = signed_in(company.agent())
    addresses = list(uploaded(client))
    assert len(addresses) >= 60
    for address in addresses:
        assert assert_inert(client, address)


def test_all_files_of_a_message_come_as_a_download(company: World, brought: list[Attachment]) -> None:
    client = signed_in(company.agent())
    for message in {each.message for each in brought}:
        assert message is not None
        address = f"/conversations/{message.conversation.number}/messages/{message.pk}"
        answer = client.get(f"{address}/files.zip")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert_inert(client, f"{address}/files.zip")
        names = zipfile.ZipFile(io.BytesIO(content_of(answer))).namelist()
        assert not [name for name in names if name.startswith(("/", ".")) or ".." in name]
        source = client.get(f"{address}/source")
        assert source.headers["Content-Disposition"].startswith("attachment")
        assert source.headers["X-Content-Type-Options"] == "nosniff"


def test_no_picture_of_a_person_is_anything_but_a_picture(company: World) -> None:
    client = signed_in(company.agent(Role.COLLABORATOR))
    for name, called, claim in FILES:
        given = SimpleUploadedFile(called, PAYLOADS[name], content_type=claim)
        client.post("/profile/avatar", {"avatar": given})
        agent = Agent.objects.get(pk=company.agent(Role.COLLABORATOR).pk)
        content = assert_inert(client, f"/avatars/{agent.pk}")
        assert b"beacon" not in content
        assert not agent.avatar or agent.avatar.content_type.startswith("image/")


def test_a_stranger_gets_none_of_them(brought: list[Attachment]) -> None:
    for attachment in brought:
        assert Client().get(f"/files/{attachment.pk}/{attachment.name}?inline").status_code in (302, 403, 404)
