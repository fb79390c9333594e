"""No mail is lost because a service wraps it in a large call, or because its inbox is paused."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rapport.channels.email.adapter import EmailChannel
from rapport.channels.email.models import EmailSettings
from rapport.channels.email.receive.form import MOST_PARTS
from rapport.channels.email.tests.test_webhook import address, call, mailgun
from rapport.channels.ingest.content import content_of
from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.models import Inbox, RawInbound

pytestmark = pytest.mark.django_db
LIMIT_OF_FORMS = 100_000


def postmark(size: int) -> str:
    """A call with a file, which stands in it once by itself and once in the whole mail."""
    content = base64.b64encode(b"x" * size).decode()
    file = {"Name": "photo.bin", "Content": content, "ContentType": "application/octet-stream"}
    mail = (
        "Message-ID: <p1@example.org>\r\nFrom: Ann <ann@example.org>\r\nTo: help@shop.example\r\n"
        "Subject: Photo\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=photo.bin\r\n"
        "Content-Disposition: attachment; filename=photo.bin\r\nContent-Transfer-Encoding: base64\r\n"
        f"\r\n{content}"
    )
    return json.dumps(
        {"From": "ann@example.org", "RawEmail": mail, "Attachments": [file], "Headers": [], "To": ""}
    )


def in_parts(given: dict[str, str], files: int) -> dict[str, Any]:
    """A form of Mailgun's for a mail with files, not as it came but taken apart."""
    head = [["Message-Id", "<w1@example.org>"], ["From", "Ann <ann@example.org>"], ["Subject", "Photos"]]
    texts = {"message-headers": json.dumps(head), "body-plain": "Here.", "attachment-count": str(files)}
    kind = "text/plain; charset=utf-8"
    attached = {
        f"attachment-{number}": SimpleUploadedFile(f"{number}.txt", b"caf\xc3\xa9", kind)
        for number in range(1, files + 1)
    }
    return {**given, **texts, **attached}


def items() -> list[object]:
    raw = RawInbound.objects.get()
    return list(EmailChannel().parse(content_of(raw), raw))


@pytest.fixture
def forms_are_short(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = LIMIT_OF_FORMS


def test_a_mail_with_a_large_file_was_refused_by_the_limit_of_forms(
    client: Client, forms_are_short: None
) -> None:
    path = address("postmark", "rapport:secret")
    proof = "Basic " + base64.b64encode(b"rapport:secret").decode()
    words = postmark(LIMIT_OF_FORMS)
    answer = client.post(path, words, content_type="application/json", headers={"Authorization": proof})
    assert answer.status_code == 200
    raw = RawInbound.objects.get()
    assert raw.file is not None
    [item] = items()
    assert isinstance(item, InboundMessage)
    assert [len(file.content) for file in item.files] == [LIMIT_OF_FORMS]


def test_a_large_form_is_proven_and_kept(client: Client, forms_are_short: None) -> None:
    path = address("mailgun", "key-1")
    given = mailgun("key-1", "t1")
    given["body-mime"] += "x" * LIMIT_OF_FORMS
    assert call(client, path, given) == 200


@pytest.mark.parametrize("files", [1, 101])
def test_a_mail_with_a_hundred_files_was_taken_for_a_call_without_proof(client: Client, files: int) -> None:
    path = address("mailgun", "key-1")
    given = mailgun("key-1", "t1")
    del given["body-mime"]
    assert client.post(path, in_parts(given, files)).status_code == 200
    [item] = items()
    assert isinstance(item, InboundMessage)
    assert (item.sender.value, item.text.strip()) == ("ann@example.org", "Here.")
    assert [file.content for file in item.files] == [b"caf\xc3\xa9"] * files
    assert item.files[-1].name == f"{files}.txt"


def test_a_large_text_in_a_form_of_parts_was_taken_for_a_call_without_proof(
    client: Client, forms_are_short: None
) -> None:
    path = address("mailgun", "key-1")
    given = mailgun("key-1", "t1")
    given["body-mime"] += "x" * LIMIT_OF_FORMS
    assert client.post(path, given).status_code == 200
    [item] = items()
    assert isinstance(item, InboundMessage)
    assert item.text.count("x") >= LIMIT_OF_FORMS


def test_too_large_a_form_is_no_false_proof(client: Client, settings: Any) -> None:
    path = address("mailgun", "key-1")
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    assert call(client, path, mailgun("key-1", "t1")) == 413
    assert call(client, path, {}) == 403
    assert not RawInbound.objects.exists()


def test_beyond_all_that_a_mail_may_have_a_call_is_refused(client: Client, settings: Any) -> None:
    path = address("mailgun", "key-1")
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, mail_max_bytes=10)
    assert call(client, path, mailgun("key-1", "t1")) == 413
    assert not RawInbound.objects.exists()


def test_a_service_gave_up_on_mail_to_a_paused_inbox(client: Client) -> None:
    path = address("mailgun", "key-1")
    Inbox.objects.update(active=False)
    assert call(client, path, mailgun("key-1", "t1")) == 503
    assert not RawInbound.objects.exists()
    Inbox.objects.update(active=True)
    EmailSettings.objects.update(webhook_secret="")
    assert call(client, path, mailgun("key-1", "t1")) == 404


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_a_form_of_as_many_parts_as_may_be_was_one_too_many(client: Client, more: int, status: int) -> None:
    path = address("mailgun", "key-1")
    given = mailgun("key-1", "t1")
    others = {f"other-{number}": "x" for number in range(MOST_PARTS - len(given) + more)}
    assert client.post(path, given | others).status_code == status
