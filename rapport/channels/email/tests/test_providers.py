"""Sending through each mail service's API: a server of our own answers as the service documents it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rapport.channels.email.models import EmailSettings, Outgoing
from rapport.channels.email.providers import PROVIDERS
from rapport.channels.email.send import send
from rapport.channels.email.tests.conftest import make_inbox
from rapport.channels.email.tests.service_api import Api, service_api
from rapport.channels.email.tests.test_conformance import written
from rapport.channels.testing.conformance import read_all
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.contract import Address, OutgoingFile, OutgoingMessage, SendError
from rapport.kernel.jobs.worker import drain
from rapport.staff.models import Account, Agent
from rapport.staff.roles import Role

OWN = "<rapport.one@shop.example>"
EVERYBODY = ("ann@example.org", "bob@example.org", "boss@shop.example")
LETTER = OutgoingMessage(
    identity=OWN,
    sender=Address("help@shop.example", "Velo Nord"),
    to=(Address("ann@example.org", "Ann"),),
    cc=(Address("bob@example.org"),),
    bcc=(Address("boss@shop.example"),),
    reply_to=Address("help+r.token@shop.example"),
    subject="Bell",
    text="It rings in plain words.",
    html="<p>It rings in <b>bold</b> words.</p>",
    in_reply_to="<q1@example.org>",
    references=("<q0@example.org>", "<q1@example.org>"),
    files=(OutgoingFile(name="bell.txt", content_type="text/plain", content=b"ding dong"),),
)
ANSWERS: dict[str, Any] = {
    "brevo": {"messageId": "<b.1@smtp-relay.example>"},
    "mailersend": "",
    "mailgun": {"id": "<m.1@mg.shop.example>", "message": "Queued. Thank you."},
    "mailjet": {
        "Messages": [
            {
                "Status": "success",
                "To": [{"Email": EVERYBODY[0], "MessageID": 1}],
                "Cc": [{"Email": EVERYBODY[1], "MessageID": 2}],
                "Bcc": [{"Email": EVERYBODY[2], "MessageID": 3}],
            }
        ]
    },
    "mailtrap": {"success": True, "message_ids": ["t1", "t2", "t3"]},
    "mandrill": [{"email": each, "status": "sent", "_id": each} for each in EVERYBODY],
    "postal": {
        "status": "success",
        "data": {"message_id": "p.1@postal.example", "messages": {each: {"id": 1} for each in EVERYBODY}},
    },
    "postmark": {"To": EVERYBODY[0], "ErrorCode": 0, "Message": "OK", "MessageID": "pm-1"},
    "resend": {"id": "re-1"},
    "sparkpost": {"results": {"id": "sp-1", "total_accepted_recipients": 3, "total_rejected_recipients": 0}},
    "unisender_go": {"status": "success", "job_id": "u1", "emails": list(EVERYBODY)},
}
WIRE_IDS = {
    "brevo": "<b.1@smtp-relay.example>",
    "mailgun": "<m.1@mg.shop.example>",
    "postal": "<p.1@postal.example>",
    "postmark": "<pm-1@mtasv.net>",
}
"""What stands in the mail as its Message-ID where the service puts its own there."""


@pytest.fixture
def api(settings: Any) -> Iterator[Api]:
    with service_api() as running:
        names = [f"{name.upper()}_API_URL" for name in PROVIDERS]
        settings.ANYMAIL = {**dict.fromkeys(names, running.url), "MAILGUN_SENDER_DOMAIN": "mg.shop.example"}
        running.headers["X-Message-Id"] = "ms-1"
        yield running


def settings_for(service: str, api: Api) -> EmailSettings:
    answer = ANSWERS[service]
    api.otherwise = (202 if service == "mailersend" else 200, json.dumps(answer).encode() if answer else b"")
    if service == "mailersend":
        api.headers["Content-Type"] = "text/html"
    options = {"api_key": "public"} if service == "mailjet" else {}
    return EmailSettings(
        inbox_id=1,
        outgoing=Outgoing.PROVIDER,
        provider=service,
        provider_key="key-canary",
        provider_options=options,
    )


def test_every_service_has_an_answer_here() -> None:
    assert set(ANSWERS) == set(PROVIDERS)


@pytest.mark.parametrize("service", sorted(PROVIDERS))
def test_everything_reaches_the_service_and_each_recipient_has_a_result(service: str, api: Api) -> None:
    receipt = send(LETTER, settings_for(service, api))
    [asked] = api.asked
    said = asked.body.decode()
    for part in ("Bell", "It rings in plain words.", "<b>bold</b>", "bell.txt", *EVERYBODY):
        assert part.replace('"', '\\"') in said or part.replace("/", "\\/") in said, part
    assert "ZGluZyBkb25n" in said or "ding dong" in said
    assert "help+r.token@shop.example" in said
    assert "<q1@example.org>" in said or "\\u003cq1@example.org" in said
    assert OWN in said or "u003crapport.one" in said
    assert {each.address: each.accepted for each in receipt.recipients} == dict.fromkeys(EVERYBODY, True)
    if service in WIRE_IDS:
        assert receipt.provider_id == WIRE_IDS[service]


def test_postmark_is_asked_to_keep_our_message_id(api: Api) -> None:
    send(LETTER, settings_for("postmark", api))
    headers = {each["Name"]: each["Value"] for each in json.loads(api.asked[0].body)["Headers"]}
    assert (headers["Message-ID"], headers["X-PM-KeepID"]) == (OWN, "true")
    assert headers["References"] == "<q0@example.org> <q1@example.org>"


def test_an_inline_image_stays_where_the_text_shows_it(api: Api) -> None:
    image = OutgoingFile(name="a.png", content_type="image/png", content=b"png", content_id="pic")
    send(replace(LETTER, html='<img src="cid:pic">', files=(image,)), settings_for("postmark", api))
    [file] = json.loads(api.asked[0].body)["Attachments"]
    assert (file["ContentID"], file["ContentType"]) == ("cid:pic", "image/png")


def test_a_retry_goes_only_to_whom_it_has_not_reached(api: Api) -> None:
    send(replace(LETTER, only=("BOB@example.org",)), settings_for("brevo", api))
    said = api.asked[0].body.decode()
    assert "bob@example.org" in said
    assert "ann@example.org" not in said
    assert "boss@shop.example" not in said


@pytest.mark.parametrize("service", sorted(PROVIDERS))
@pytest.mark.parametrize(
    ("status", "permanent", "waits"),
    [(400, True, False), (422, True, False), (429, False, False), (500, False, False), (401, False, True)],
)
def test_a_refusal_is_permanent_or_temporary_by_its_status(
    service: str, status: int, api: Api, *, permanent: bool, waits: bool
) -> None:
    settings = settings_for(service, api)
    api.otherwise = (status, json.dumps({"Message": "the reason why", "status": "error"}).encode())
    with pytest.raises(SendError) as caught:
        send(LETTER, settings)
    assert caught.value.permanent is permanent
    assert (caught.value.retry_after is not None) is waits
    assert PROVIDERS[service].label in caught.value.reason
    assert "canary" not in caught.value.reason
    assert waits or "the reason why" in caught.value.reason


def test_a_service_that_is_not_there_is_tried_again(api: Api, settings: Any) -> None:
    given = settings_for("postmark", api)
    settings.ANYMAIL = {"POSTMARK_API_URL": "http://127.0.0.1:1/"}
    with pytest.raises(SendError) as caught:
        send(LETTER, given)
    assert not caught.value.permanent
    assert "cannot be reached" in caught.value.reason


def test_one_recipient_may_be_refused(api: Api) -> None:
    given = settings_for("mandrill", api)
    refused = [{**each, "status": "rejected"} for each in ANSWERS["mandrill"][1:2]]
    answer = [ANSWERS["mandrill"][0], *refused, ANSWERS["mandrill"][2]]
    api.otherwise = (200, json.dumps(answer).encode())
    found = {each.address: (each.accepted, each.permanent) for each in send(LETTER, given).recipients}
    assert found["bob@example.org"] == (False, True)
    assert found["ann@example.org"][0]


def test_an_answer_that_names_only_the_services_id_finds_its_conversation(api: Api, db: None) -> None:
    settings_for("brevo", api)
    inbox = make_inbox(outgoing=Outgoing.PROVIDER, provider="brevo", provider_key="key")
    account = Account.objects.create(email="ada@staff.example")
    agent = Agent.objects.create(account=account, name="Ada", role=Role.ADMINISTRATOR)
    agent.teams.add(inbox.team)
    agent.brands.add(inbox.brand)
    store_raw(inbox=inbox, content=written("q1", "ann@example.org", "My bell does not ring."), source="test")
    read_all()
    conversation = Conversation.objects.get()
    answer = Answer(html="<p>It will.</p>", to=(Address("ann@example.org", "Ann"),))
    reply(agent=agent, conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    drain(["delivery"])
    sent = conversation.messages.get(direction="out")
    assert sent.provider_id == WIRE_IDS["brevo"] != sent.identity
    next_mail = written("q2", "ann@example.org", "Thank you!", f"In-Reply-To: {WIRE_IDS['brevo']}")
    store_raw(inbox=inbox, content=next_mail.replace(b"Subject: Parcel", b"Subject: Thanks"), source="test")
    read_all()
    assert conversation.messages.count() == 3
    assert Conversation.objects.count() == 1


def test_a_recipient_whose_domain_has_an_umlaut_gets_its_result(api: Api) -> None:
    letter = replace(LETTER, to=(Address("info@bücher.example"),), cc=(), bcc=())
    receipt = send(letter, settings_for("resend", api))
    assert [each.address for each in receipt.recipients] == ["info@bücher.example"]
