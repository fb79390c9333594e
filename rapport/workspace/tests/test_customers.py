"""The record of a person: who may see and change it, and what is written down of a change."""

import re
from html import unescape

import pytest
from django.test import Client

from rapport.conversations.models import Conversation
from rapport.customers.actions.merge import merge
from rapport.customers.models import Company, Customer, CustomerEntry, Identity
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, mail, receive


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent(Role.TEAM_LEAD))


def changed(**values: str) -> dict[str, str]:
    return {
        "name": "Ada Byron", "company": "", "language": "", "time_zone": "", "tags": "", "notes": "", **values
    }  # fmt: skip


def test_the_record_is_one_click_away(client: Client, conversation: Conversation) -> None:
    address = f"/customers/{conversation.customer_id}"
    assert f'href="{address}"' in client.get(f"/conversations/{conversation.number}/panel").content.decode()
    assert f'href="{address}"' in client.get("/search?q=Ada").content.decode()
    page = client.get(address).content.decode()
    assert "ada@customer.example" in page
    assert "not verified" in page
    assert "Where is my parcel?" in page


def test_who_gives_no_name_was_called_unknown_beside_their_address(client: Client, company: World) -> None:
    nameless = conversation_of(receive(company.inbox, mail(sender="nobody@customer.example")))
    panel = client.get(f"/conversations/{nameless.number}/panel").content.decode()
    record = client.get(f"/customers/{nameless.customer_id}").content.decode()
    assert re.search(r'class="side__name">(<a[^>]*>)?nobody@customer.example<', panel)
    assert "<h1>nobody@customer.example</h1>" in record
    assert "Unknown" not in panel + record


def test_the_ordinary_address_that_nobody_has_confirmed_looked_like_an_alarm(
    client: Client, conversation: Conversation
) -> None:
    panel = client.get(f"/conversations/{conversation.number}/panel").content.decode()
    record = client.get(f"/customers/{conversation.customer_id}").content.decode()
    for page in (panel, record):
        (badge,) = re.findall(r'<span class="badge"([^>]*)>\s*not verified', page)
        assert "warn" not in badge


def test_the_panel_counted_no_more_than_the_ten_conversations_it_shows(
    client: Client, company: World, conversation: Conversation
) -> None:
    for number in range(34):
        receive(company.inbox, mail(subject=f"Case {number}"))
    panel = client.get(f"/conversations/{conversation.number}/panel").content.decode()
    assert '<span class="side__count">34</span>' in panel
    address = f"/customers/{conversation.customer_id}"
    assert f'href="{address}#conversations"' in panel
    first = client.get(address).content.decode()
    assert "35 conversations" in first
    following = unescape(first.partition('rel="next" href="')[2].partition('"')[0])
    second = client.get(following.partition("#")[0]).content.decode()
    assert "35 conversations" in second
    assert 'rel="next"' not in second
    shown = re.findall(r'<li><a href="/conversations/(\d+)"', first + second)
    assert len(shown) == len(set(shown)) == 35


def test_what_is_changed_is_kept_and_told(client: Client, conversation: Conversation) -> None:
    address = f"/customers/{conversation.customer_id}"
    given = changed(
        name="Ada King",
        company="Engines Ltd",
        language="nl",
        time_zone="Europe/London",
        tags="vip, old , vip",
        notes="Calls on Mondays",
    )
    answer = client.post(address, given)
    assert answer.status_code == 302
    person = Customer.objects.get(pk=conversation.customer_id)
    assert (person.name, person.language, person.tags) == ("Ada King", "nl", ["old", "vip"])
    assert person.company is not None
    assert person.company.name == "Engines Ltd"
    page = client.get(address).content.decode()
    for words in (
        "<del>Ada Byron</del>",
        "<ins>Ada King</ins>",
        "<ins>Engines Ltd</ins>",
        "<ins>Dutch</ins>",
    ):
        assert words in page
    client.post(address, {**given, "company": "engines ltd"})
    assert Company.objects.count() == 1


def test_a_wrong_value_changes_nothing(client: Client, conversation: Conversation) -> None:
    answer = client.post(f"/customers/{conversation.customer_id}", changed(name="Eve", language="klingon"))
    assert answer.status_code == 422
    assert Customer.objects.get(pk=conversation.customer_id).name == "Ada Byron"


def test_addresses_are_added_confirmed_blocked_and_removed(
    client: Client, conversation: Conversation
) -> None:
    base = f"/customers/{conversation.customer_id}/addresses"
    client.post(base, {"value": "Ada@Home.example"})
    added = Identity.objects.get(value="ada@home.example")
    for act in ("verify", "block"):
        assert client.post(f"{base}/{added.pk}/{act}").status_code == 302
    added.refresh_from_db()
    assert (added.verified, added.blocked) == (True, True)
    client.post(f"{base}/{added.pk}/unblock")
    client.post(f"{base}/{added.pk}/remove")
    assert not Identity.objects.filter(pk=added.pk).exists()
    page = client.get(f"/customers/{conversation.customer_id}").content.decode()
    assert "<del>ada@home.example</del>" in page
    kinds = set(CustomerEntry.objects.values_list("kind", flat=True))
    assert {"identity.added", "identity.verified", "identity.blocked", "identity.removed"} <= kinds


def test_what_is_no_address_is_refused_in_words(client: Client, conversation: Conversation) -> None:
    answer = client.post(f"/customers/{conversation.customer_id}/addresses", {"value": "nobody"}, follow=True)
    assert "This is no mail address." in answer.content.decode()


def test_an_address_of_somebody_else_is_out_of_reach(client: Client, company: World) -> None:
    first = conversation_of(receive(company.inbox, mail())).customer
    other = conversation_of(receive(company.inbox, mail(sender="Eve <eve@other.example>"))).customer
    theirs = other.identities.get()
    assert client.post(f"/customers/{first.pk}/addresses/{theirs.pk}/remove").status_code == 404
    assert Identity.objects.filter(pk=theirs.pk).exists()


def test_a_merged_record_leads_to_the_person(client: Client, company: World) -> None:
    first = conversation_of(receive(company.inbox, mail())).customer
    other = conversation_of(receive(company.inbox, mail(sender="Eve <eve@other.example>"))).customer
    merge(agent=company.agent(Role.TEAM_LEAD), duplicate=other, into=first)
    answer = client.get(f"/customers/{other.pk}")
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{first.pk}")
    assert "eve@other.example" in client.get(f"/customers/{first.pk}").content.decode()


@pytest.mark.parametrize(
    ("role", "seen", "kept"),
    [(Role.COLLABORATOR, 404, 404), (Role.QA_ANALYST, 200, 403), (Role.REPRESENTATIVE, 200, 302)],
)
def test_who_may_see_and_change_it(
    company: World, conversation: Conversation, role: Role, seen: int, kept: int
) -> None:
    client = signed_in(company.agent(role))
    address = f"/customers/{conversation.customer_id}"
    assert client.get(address).status_code == seen
    assert client.post(address, changed(name="Changed")).status_code == kept
    assert (Customer.objects.get(pk=conversation.customer_id).name == "Changed") is (kept == 302)


def test_a_merged_record_hid_its_conversations(
    client: Client, company: World, conversation: Conversation
) -> None:
    second, third = (
        conversation_of(receive(company.inbox, mail(sender=f"{name}@home.example", subject=f"{name} asks")))
        for name in ("second", "third")
    )
    lead = company.agent(Role.TEAM_LEAD)
    merge(agent=lead, duplicate=third.customer, into=second.customer)
    merge(agent=lead, duplicate=second.customer, into=conversation.customer)
    of_first = client.get(f"/conversations/{conversation.number}/panel").content.decode()
    assert all(f"{name} asks" in of_first for name in ("second", "third"))
    of_third = client.get(f"/conversations/{third.number}/panel").content.decode()
    assert "Where is my parcel?" in of_third
    assert "third asks" in client.get(f"/customers/{conversation.customer_id}").content.decode()
