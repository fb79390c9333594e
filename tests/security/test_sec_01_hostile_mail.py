"""SEC-01: nothing that a mail carries, in any of its fields, can act on a screen of ours."""

import pytest

from rapport.conversations.models import Entry, Message
from rapport.conversations.reactions import index_words
from rapport.inboxes.models import Outcome, RawInbound
from rapport.kernel.text.tests.danger import dangers
from rapport.staff.roles import Role
from tests.security.acting import content_of, signed_in
from tests.security.hostile import OWN, SETS, active, mail_of, payloads
from tests.world import World, receive

pytestmark = pytest.mark.django_db
SCREENS = (
    "/conversations/{number}",
    "/conversations/{number}?part=header",
    "/conversations/{number}/panel",
    "/conversations/{number}?part=composer",
    "/conversations/{number}?part=composer&mode=forward",
    "/conversations/{number}/entries?after=0",
    "/conversations/{number}/messages/{message}/original",
)
LISTS = (
    "/inbox/all",
    "/inbox/unassigned",
    "/inbox/all?part=rows",
    "/trays",
    "/trays/noted",
    "/trays/refused",
)
SEARCHES = ("alert", "from:mallory1@evil.example")


def wrong_on(client, addresses) -> list[str]:
    found = []
    for address in addresses:
        answer = client.get(address)
        content = content_of(answer).decode()
        found += [f"{address}: {answer.status_code}"] if answer.status_code != 200 else []
        found += [f"{address}: {each}" for each in active(content)]
    return found


@pytest.mark.parametrize("which", SETS)
def test_no_word_of_a_mail_acts_on_a_conversations_screens(company: World, which: str) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    wrong: list[str] = []
    shown, given = 0, payloads(which)
    for number, payload in enumerate(given):
        raw = receive(company.inbox, mail_of(payload, number, to=company.inbox.address))
        message = Message.objects.filter(raw=raw).first()
        if message is None:
            # Seen by its words as a machine's: kept off the lists, and looked at in the trays below.
            assert raw.outcome in {Outcome.NOTED, Outcome.QUARANTINED, Outcome.REFUSED}, (payload, raw.reason)
            continue
        shown += 1
        values = {"number": message.conversation.number, "message": message.pk}
        screens = SCREENS if given is OWN else (SCREENS[0], SCREENS[-1])
        found = wrong_on(client, [address.format(**values) for address in screens])
        found += [f"stored html: {each}" for each in dangers(message.html + message.quoted_html)]
        wrong += [f"{payload!r}: {each}" for each in found]
    assert shown >= len(given) * 0.9
    assert wrong == []


def test_no_word_of_a_mail_acts_in_lists_searches_and_trays(company: World) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    for number, payload in enumerate(OWN):
        receive(company.inbox, mail_of(payload, number, to=company.inbox.address, html=number % 2 == 0))
        staff = mail_of(payload, 500 + number, to=company.inbox.address, sender="manager@staff.example")
        receive(company.inbox, staff)
    for entry in Entry.objects.filter(kind="message.received"):
        index_words(entry)
    RawInbound.objects.filter(outcome=Outcome.QUARANTINED, pk__lt=40).update(outcome=Outcome.REFUSED)
    RawInbound.objects.filter(outcome=Outcome.QUARANTINED, pk__lt=80).update(outcome=Outcome.NOTED)
    assert RawInbound.objects.filter(outcome=Outcome.QUARANTINED).exists()
    assert wrong_on(client, LISTS) == []
    for words in SEARCHES:
        page = client.get("/search", {"q": words}).content.decode()
        assert "/conversations/" in page, words
        assert active(page) == []


@pytest.mark.parametrize("address", ["/search?q=", "/trays?placed=", "/new?to=", "/inbox/all?sort="])
def test_no_word_of_an_address_acts(company: World, address: str) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    name, _, key = address.partition("?")
    wrong = []
    for payload in OWN:
        answer = client.get(name, {key.rstrip("="): payload})
        assert answer.status_code == 200, payload
        wrong += active(answer.content.decode())
    assert wrong == []


def test_hostile_files_are_named_and_served_as_what_they_are(company: World) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    for number, payload in enumerate(OWN):
        raw = receive(company.inbox, mail_of(payload, number, to=company.inbox.address))
        message = Message.objects.filter(raw=raw).first()
        for attachment in message.attachments.all() if message else ():
            for end in ("", "?inline"):
                answer = client.get(f"/files/{attachment.pk}/{number}.html{end}")
                content_of(answer)
                assert answer.status_code == 200
                assert answer["X-Content-Type-Options"] == "nosniff"
                assert answer["Content-Disposition"].startswith("attachment") or "sandbox" in answer.get(
                    "Content-Security-Policy", ""
                ), payload
                assert "\n" not in answer["Content-Disposition"]


def test_the_judge_sees_what_could_act() -> None:
    """Without this a blind judge would pass everything."""
    seen = [payload for payload in OWN if active(payload)]
    assert len(seen) >= len(OWN) * 0.6
    assert active('<script type="module" src="/assets/0a1b2c3d/ui/main"></script><p title="onload">') == []
