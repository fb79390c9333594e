"""What the acts on conversations answer: what became of them, or in words why nothing did."""

import re

import pytest
from django.test import Client

from rapport.conversations.actions.spam import mark_spam
from rapport.conversations.models import Conversation, Delivery, Status
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, events, signed_in
from tests.world import World, conversation_of, mail, receive


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("status", {"status": "solved"}),
        ("assign", {"agent": ""}),
        ("priority", {"priority": "4"}),
        ("kind", {"kind": "complaint"}),
        ("subject", {"subject": "New"}),
        ("tags", {"add": "urgent"}),
        ("snooze", {"until": "tomorrow"}),
        ("follow", {}),
        ("unread", {}),
        ("read", {"seq": "1"}),
        ("spam", {}),
        ("delete", {}),
    ],
)
def test_every_act_answers_the_header(
    client: Client, conversation: Conversation, act: str, fields: dict[str, str]
) -> None:
    answer = client.post(f"/conversations/{conversation.number}/{act}", fields, headers=SCRIPT)
    assert answer.status_code == 200, answer.content[:300]


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("status", {"status": "nonsense"}),
        ("status", {}),
        ("assign", {"agent": "999999"}),
        ("assign", {"team": "999999"}),
        ("priority", {"priority": "99"}),
        ("snooze", {"until": "never"}),
        ("snooze", {"until_at": "2001-01-01T00:00"}),
        ("snooze", {"until_at": "9999-12-31T23:59"}),
    ],
)
def test_a_bad_value_changes_nothing(
    client: Client, conversation: Conversation, act: str, fields: dict[str, str]
) -> None:
    before = Conversation.objects.values().get()
    assert (
        client.post(f"/conversations/{conversation.number}/{act}", fields, headers=SCRIPT).status_code == 400
    )
    assert Conversation.objects.values().get() == before


def test_a_snooze_into_the_past_did_not_say_that_the_time_is_past(
    client: Client, conversation: Conversation
) -> None:
    fields = {"until_at": "2001-01-01T00:00"}
    answer = client.post(f"/conversations/{conversation.number}/snooze", fields, headers=SCRIPT)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "past" in answer.content.decode()


def test_bulk_changes_what_it_may_and_counts_the_rest(company: World, conversation: Conversation) -> None:
    foreign = conversation_of(receive(company.other_inbox, mail(to="workshop@refit.example", subject="x")))
    client = signed_in(company.agent(Role.REPRESENTATIVE))
    answer = client.post(
        "/bulk", {"number": [conversation.number, foreign.number], "status": "solved"}, headers=SCRIPT
    )
    assert answer.status_code == 200
    assert "1" in events(answer)["rapport:toast"]["text"]
    foreign.refresh_from_db()
    assert foreign.status == Status.NEW


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "solved"}, "2 conversations solved"),
        ({"status": "on_hold"}, "2 conversations set to “On hold”"),
        ({"priority": "3"}, "2 conversations set to “High”"),
        ({"agent": ""}, "2 conversations assigned to nobody"),
        ({"agent": "Representative"}, "2 conversations assigned to Representative"),
        ({"tag": "bell"}, "2 conversations tagged “bell”"),
        ({"spam": "1"}, "2 conversations marked as spam"),
        ({"until_at": "2099-01-01"}, None),
    ],
)
def test_an_act_on_many_did_not_say_what_was_done(
    company: World, conversation: Conversation, fields: dict[str, str], words: str | None
) -> None:
    other = conversation_of(receive(company.inbox, mail(subject="Another")))
    chosen = {"number": [str(conversation.number), str(other.number)]}
    if "agent" in fields:
        named = {"Representative": company.agent().pk, "": ""}
        signed_in(company.agent()).post("/bulk", chosen | {"agent": company.agent(Role.SPECIALIST).pk})
        fields = {"agent": str(named[fields["agent"]])}
    answer = signed_in(company.agent()).post("/bulk", chosen | fields, headers=SCRIPT)
    if words is None:
        assert answer.status_code == 400
    else:
        assert events(answer)["rapport:toast"]["text"] == words


def test_an_act_on_many_gave_up_what_was_selected(client: Client, conversation: Conversation) -> None:
    told = events(client.post("/bulk", {"number": conversation.number, "priority": "3"}, headers=SCRIPT))
    assert set(told) == {"rapport:toast", "rapport:refresh-list"}


def test_the_answer_about_many_was_a_header_longer_than_proxies_take(
    client: Client, company: World, conversation: Conversation
) -> None:
    others = [conversation_of(receive(company.inbox, mail(subject=f"No. {each}"))) for each in range(40)]
    chosen = [str(each.number) for each in (conversation, *others)]
    answer = client.post("/bulk", {"number": chosen, "team": company.other_team.pk}, headers=SCRIPT)
    assert len(events(answer)["rapport:toast"]["undo"][0]["fields"]) > 80
    assert sum(len(name) + len(value) for name, value in answer.items()) < 2000


@pytest.mark.parametrize(
    ("first", "fields", "words"),
    [
        ("status", {"status": "solved"}, "1 conversation solved"),
        ("tags", {"tag": "bell"}, "1 conversation tagged “bell”"),
        ("spam", {"spam": "1"}, "1 conversation marked as spam"),
        ("priority", {"priority": "3"}, "1 conversation set to “High”"),
    ],
)
def test_what_was_so_already_was_counted_as_done(
    client: Client, company: World, conversation: Conversation, first: str, fields: dict[str, str], words: str
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/{first}", {"add": "bell", **fields})
    answer = client.post("/bulk", {"number": conversation.number, **fields}, headers=SCRIPT)
    assert events(answer)["rapport:toast"] == {"text": "It was so already. Nothing was changed."}
    other = conversation_of(receive(company.inbox, mail(subject="Another")))
    chosen = [conversation.number, other.number]
    told = events(client.post("/bulk", {"number": chosen, **fields}, headers=SCRIPT))["rapport:toast"]
    assert told["text"] == f"{words} · 1 was so already"
    (step,) = told["undo"]
    assert [value for name, value in step["fields"] if name == "number"] == [str(other.number)]


def test_what_nobody_could_change_was_said_to_be_done_to_none(company: World) -> None:
    foreign = conversation_of(receive(company.other_inbox, mail(to="workshop@refit.example", subject="x")))
    chosen = {"number": foreign.number, "status": "solved"}
    answer = signed_in(company.agent()).post("/bulk", chosen, headers=SCRIPT)
    assert events(answer)["rapport:toast"] == {"text": "1 could not be changed"}


@pytest.mark.parametrize(
    ("make", "fields", "words"),
    [
        ({"tag": "bell"}, {"untag": "bell"}, "Tag “bell” removed from 1 conversation"),
        ({"spam": "1"}, {"spam": "0"}, "1 conversation taken out of spam"),
        ({"until_at": "week"}, {"until_at": ""}, "1 conversation woken"),
    ],
)
def test_an_act_on_many_that_ends_something_said_that_it_began(
    client: Client, conversation: Conversation, make: dict[str, str], fields: dict[str, str], words: str
) -> None:
    client.post("/bulk", {"number": conversation.number, **make})
    answer = client.post("/bulk", {"number": conversation.number, **fields}, headers=SCRIPT)
    assert events(answer)["rapport:toast"]["text"] == words


@pytest.mark.parametrize("act", ["spam", "delete"])
def test_what_was_marked_already_was_said_to_be_marked_now(
    client: Client, conversation: Conversation, act: str
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/{act}", {act: "1"})
    assert events(client.post(f"{here}/{act}", {act: "1"}, headers=SCRIPT)) == {}


def test_giving_a_conversation_to_a_team_of_others_looked_as_if_it_was_lost(
    company: World, conversation: Conversation
) -> None:
    client = signed_in(company.agent())
    address, given = f"/conversations/{conversation.number}/assign", {"team": company.other_team.pk}
    answer = client.post(address, given, headers=SCRIPT)
    assert answer.status_code == 200
    assert events(answer) == {
        "rapport:toast": {"text": "Assigned to Workshop. You can no longer see this conversation."},
        "rapport:refresh-list": True,
        "rapport:out-of-sight": conversation.number,
    }
    assert Conversation.objects.get().team == company.other_team
    assert client.post(address, given, headers=SCRIPT).status_code == 404


def test_without_scripts_the_page_after_giving_a_conversation_away_was_not_found(
    company: World, conversation: Conversation
) -> None:
    client = signed_in(company.agent())
    given = {"team": company.other_team.pk}
    answer = client.post(f"/conversations/{conversation.number}/assign", given, follow=True)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("act", "word", "back"), [("spam", "Spam", "no spam"), ("delete", "Deleted", "Restore")]
)
def test_a_conversation_did_not_say_that_it_is_spam_or_deleted(
    client: Client, company: World, conversation: Conversation, act: str, word: str, back: str
) -> None:
    here = f"/conversations/{conversation.number}"

    def head(who: Client = client) -> str:
        return who.get(f"{here}?part=header").content.decode()

    assert f'action="{here}/{act}"' not in head()
    client.post(f"{here}/{act}", {act: "1"})
    assert re.search(rf'class="badge"[^>]*>.*?{word}</span>', head())
    assert re.search(rf'action="{here}/{act}".*name="{act}" value="0".*{back}', head())
    analyst = head(signed_in(company.agent(Role.QA_ANALYST)))
    assert word in analyst
    assert f'action="{here}/{act}"' not in analyst
    client.post(f"{here}/{act}", {act: "0"})
    assert f'action="{here}/{act}"' not in head()


@pytest.mark.parametrize(
    ("address", "fields", "words"),
    [
        ("/conversations/{number}/messages/{message}/address", {"address": "nonsense"}, "no mail address"),
        ("/conversations/{number}/snooze", {"until_at": "2001-01-01T00:00"}, "is past"),
        ("/conversations/{number}/draft", {"mode": "letter"}, "cannot be read"),
        ("/bulk", {"number": "10001", "team": "999999"}, "cannot be done"),
        ("/bulk", {"status": "solved"}, "Nothing was chosen"),
        ("/bulk", {"number": "10001", "kind": "complaint"}, "Nothing was changed"),
        ("/conversations/{number}/assign", {"agent": "somebody"}, "cannot be done"),
    ],
)
def test_the_reason_of_a_refusal_never_reached_the_person(
    client: Client, conversation: Conversation, address: str, fields: dict[str, str], words: str
) -> None:
    answer = {"html": "<p>On its way</p>", "to": "ada@customer.example", "token": str(conversation.last_seq)}
    client.post(f"/conversations/{conversation.number}/reply", answer)
    delivery = Delivery.objects.get()
    if "nonsense" in fields.values():
        Delivery.objects.update(state="failed")
        delivery.recipients.update(state="refused")
    told = client.post(
        address.format(number=conversation.number, message=delivery.message_id), fields, headers=SCRIPT
    )
    assert told.status_code == 400
    assert told.headers["Content-Type"].startswith("text/plain")
    assert words in told.content.decode()


def test_what_the_role_may_not_do_was_an_empty_page(company: World, conversation: Conversation) -> None:
    client = signed_in(company.agent(Role.QA_ANALYST))
    for address, fields in (
        (f"/conversations/{conversation.number}/status", {"status": "solved"}),
        (f"/customers/{conversation.customer_id}", {"name": "Ada"}),
    ):
        page = client.post(address, fields)
        assert page.status_code == 403
        assert "You may not do that" in page.content.decode()
        assert "<h1" in page.content.decode()
        told = client.post(address, fields, headers=SCRIPT)
        assert told.headers["Content-Type"].startswith("text/plain")
        assert "You may not do that" in told.content.decode()


def test_wrongly_marked_spam_could_only_be_rescued_one_by_one(
    client: Client, conversation: Conversation
) -> None:
    assert 'name="spam" value="1"' in client.get("/bulk").content.decode()
    mark_spam(agent=Agent.objects.get(role=Role.ADMINISTRATOR), conversation_id=conversation.pk, spam=True)
    page = client.get("/inbox/spam").content.decode()
    asked = page.partition('data-bulk-url="')[2].partition('"')[0]
    assert 'name="spam" value="0"' in client.get(asked).content.decode()
