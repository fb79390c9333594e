"""What was done can be taken back, by whoever did it and no further than they reach."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from rapport.conversations.actions.assign import assign
from rapport.conversations.actions.drafts import attach
from rapport.conversations.actions.snooze import snooze
from rapport.conversations.actions.tag import change_tags
from rapport.conversations.models import Conversation, Draft, Folder, Status
from rapport.kernel.clock import now
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, events, signed_in
from tests.world import World, conversation_of, mail, receive


def test_colleagues_were_offered_to_take_back_an_answer_that_is_not_theirs(
    client: Client, company: World, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/reply", {"text": "Soon", "to": "ada@customer.example", "token": "9"})
    assert "data-undo-until" in client.get(f"{here}/entries?after=0").content.decode()
    assert "data-undo-until" in client.get(here).content.decode()
    other = signed_in(company.agent(Role.REPRESENTATIVE))
    assert "data-undo" not in other.get(f"{here}/entries?after=0").content.decode()
    assert "data-undo" not in other.get(here).content.decode()


def undone(client: Client, done: Any) -> None:
    """Do what the button of the message does."""
    for answer in taken_back(client, done):
        assert answer.status_code == 200
        assert "rapport:toast" not in events(answer)


def taken_back(client: Client, done: Any) -> list[Any]:
    """Do each step, and return the answers."""
    answers = []
    for step in events(done)["rapport:toast"]["undo"]:
        posted: dict[str, list[str]] = {}
        for name, value in step["fields"]:
            posted.setdefault(name, []).append(value)
        answers.append(client.post(step["url"], posted, headers=SCRIPT))
    return answers


def test_solving_could_not_be_taken_back(client: Client, conversation: Conversation) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/status", {"status": "on_hold"})
    client.post(f"{here}/snooze", {"until": "week"})
    before = Conversation.objects.get()
    answer = client.post(f"{here}/status", {"status": "solved"}, headers=SCRIPT)
    assert Conversation.objects.get().status == Status.SOLVED
    undone(client, answer)
    after = Conversation.objects.get()
    assert (after.status, after.snoozed_until) == (Status.ON_HOLD, before.snoozed_until)


@pytest.mark.parametrize("many", [False, True])
def test_taking_back_the_answer_and_then_the_solving_hid_who_waits(
    client: Client, conversation: Conversation, many: bool
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/reply", {"text": "Soon", "to": "ada@customer.example", "token": "9"})
    solve = {"status": "solved", **({"number": str(conversation.number)} if many else {})}
    answer = client.post("/bulk" if many else f"{here}/status", solve, headers=SCRIPT)
    client.post(f"{here}/messages/{conversation.messages.latest('pk').pk}/undo", headers=SCRIPT)
    undone(client, answer)
    after = Conversation.objects.get()
    assert (after.status, after.folder) == (Status.NEW, Folder.OPEN)


@pytest.mark.parametrize(
    ("sent_to", "begun_for", "apart"),
    [
        ("Ada Byron <ada@customer.example>", {}, False),
        ("ben@customer.example", {}, True),
        ("ben@customer.example", {"to": "Ben@customer.example"}, False),
        ("ada@customer.example, ben@customer.example", {"to": "ben@customer.example"}, True),
    ],
)
def test_an_answer_that_is_taken_back_joins_only_words_for_the_same_people(
    client: Client, conversation: Conversation, sent_to: str, begun_for: dict[str, str], apart: bool
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/reply", {"text": "Soon", "to": sent_to, "token": "9"})
    offered = {"to": "ada@customer.example", "offered": "ada@customer.example;"}
    client.post(f"{here}/draft", {"mode": "reply", "html": "<p>Newer</p>", **offered, **begun_for})
    undo = f"{here}/messages/{conversation.messages.latest('pk').pk}/undo"
    undone = client.post(undo, headers=SCRIPT).content.decode()
    assert ("An answer to others is begun here, so its words stand under “Note”" in undone) == apart
    texts = dict(Draft.objects.values_list("kind", "html"))
    both = {"reply": "<p>Newer</p>", "note": "<p>Soon</p>"} if apart else {"reply": "<p>Soon</p><p>Newer</p>"}
    assert texts == both


def test_a_picture_that_was_all_of_a_begun_answer_was_lost_by_taking_back(
    client: Client, company: World, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/reply", {"text": "Soon", "to": "ada@customer.example", "token": "9"})
    picture = attach(
        agent=company.agent(), content=b"GIF89a", name="a.gif", content_type="image/gif", inline=True
    )
    shown = f'<p><img src="/files/{picture.pk}/image?inline"></p>'
    client.post(f"{here}/draft", {"mode": "reply", "html": shown, "to": "ada@customer.example"})
    client.post(f"{here}/messages/{conversation.messages.latest('pk').pk}/undo", headers=SCRIPT)
    assert Draft.objects.get().html == f"<p>Soon</p>{shown}"


@pytest.mark.parametrize(
    ("theirs", "status", "words"),
    [
        ("on_hold", Status.ON_HOLD, "has set the status to “On hold” meanwhile; that stays."),
        ("solved", Status.NEW, "had set the status to “Solved” meanwhile; now it is “New”"),
    ],
)
def test_nobody_heard_what_became_of_a_colleagues_status_when_an_answer_was_taken_back(
    client: Client, company: World, conversation: Conversation, theirs: str, status: Status, words: str
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/reply", {"text": "Soon", "to": "ada@customer.example", "token": "9"})
    signed_in(company.agent(Role.MANAGER)).post(f"{here}/status", {"status": theirs})
    undo = client.post(f"{here}/messages/{conversation.messages.latest('pk').pk}/undo", headers=SCRIPT)
    assert Conversation.objects.get().status == status
    assert words in events(undo)["rapport:toast"]["text"]
    told = client.get(f"{here}/entries?after=0").content.decode()
    assert ("set the status to “New”" in told) == (status == Status.NEW)


def test_solving_many_could_not_be_taken_back(
    client: Client, company: World, conversation: Conversation
) -> None:
    other = conversation_of(receive(company.inbox, mail(subject="Another")))
    client.post(f"/conversations/{other.number}/status", {"status": "waiting"})
    chosen = [str(conversation.number), str(other.number)]
    answer = client.post("/bulk", {"number": chosen, "status": "solved"}, headers=SCRIPT)
    undone(client, answer)
    assert set(Conversation.objects.values_list("pk", "status")) == {
        (conversation.pk, Status.NEW),
        (other.pk, Status.WAITING),
    }


@pytest.mark.parametrize("act", ["team", "tag", "spam", "snoozed", "mixed", "priority", "later"])
def test_an_act_on_many_could_not_be_taken_back(company: World, conversation: Conversation, act: str) -> None:
    boss = company.agent(Role.MANAGER)
    client = signed_in(boss)
    other = conversation_of(receive(company.inbox, mail(subject="Another")))
    assign(agent=boss, conversation_id=other.pk, assignee=company.agent())
    change_tags(agent=boss, conversation_id=other.pk, add=["bell"])
    snooze(agent=boss, conversation_id=other.pk, until=now() + timedelta(days=3))
    columns = ("team", "assignee", "tag_names", "spam", "status", "snoozed_until", "folder", "priority")
    before = list(Conversation.objects.order_by("pk").values(*columns))
    fields = {
        "team": {"team": str(company.other_team.pk)},
        "tag": {"tag": "bell"},
        "spam": {"spam": "1"},
        "snoozed": {"status": "solved"},
        "mixed": {"agent": str(boss.pk)},
        "priority": {"priority": "4"},
        "later": {"until_at": (now() + timedelta(days=9)).isoformat()},
    }[act]
    chosen = [str(conversation.number), str(other.number)]
    answer = client.post("/bulk", {"number": chosen, **fields}, headers=SCRIPT)
    assert list(Conversation.objects.order_by("pk").values(*columns)) != before
    undone(client, answer)
    assert list(Conversation.objects.order_by("pk").values(*columns)) == before


@pytest.mark.parametrize(
    ("act", "fields", "words"),
    [
        ("status", {"status": "waiting"}, "Status: Waiting for customer"),
        ("assign", {"agent": ""}, "Assigned to nobody"),
        ("assign", {"team": "other"}, "Assigned to Workshop"),
        ("priority", {"priority": "4"}, "Priority: Urgent"),
        ("kind", {"kind": "complaint"}, "Kind of contact: Complaint"),
        ("subject", {"subject": "Another"}, "Subject changed"),
        ("tags", {"add_new": "front light"}, "Tagged “front light”"),
        ("tags", {"remove": "bell"}, "Tag “bell” removed"),
        ("snooze", {"until": "week"}, "Snoozed until"),
        ("snooze", {"until": ""}, "The snooze has ended."),
    ],
)
def test_an_act_on_one_said_nothing_and_could_not_be_taken_back(
    company: World, conversation: Conversation, act: str, fields: dict[str, str], words: str
) -> None:
    boss = company.agent(Role.MANAGER)
    assign(agent=boss, conversation_id=conversation.pk, assignee=company.agent())
    change_tags(agent=boss, conversation_id=conversation.pk, add=["bell"])
    snooze(agent=boss, conversation_id=conversation.pk, until=now() + timedelta(days=3))
    columns = ("status", "team", "assignee", "priority", "kind", "subject", "tag_names", "snoozed_until")
    before = Conversation.objects.values(*columns).get()
    if fields.get("team"):
        fields = {"team": str(company.other_team.pk)}
    client = signed_in(boss)
    answer = client.post(f"/conversations/{conversation.number}/{act}", fields, headers=SCRIPT)
    assert Conversation.objects.values(*columns).get() != before
    assert events(answer)["rapport:toast"]["text"].startswith(words)
    undone(client, answer)
    assert Conversation.objects.values(*columns).get() == before


def test_an_undo_ran_over_what_a_colleague_did_since(
    client: Client, company: World, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    snooze(agent=company.agent(), conversation_id=conversation.pk, until=now() + timedelta(days=3))
    answer = client.post(f"{here}/status", {"status": "solved"}, headers=SCRIPT)
    signed_in(company.agent()).post(f"{here}/status", {"status": "on_hold"})
    for refused in taken_back(client, answer):
        assert refused.status_code == 409
        assert events(refused)["rapport:toast"]["kind"] == "danger"
    after = Conversation.objects.get()
    assert (after.status, after.snoozed_until) == (Status.ON_HOLD, None)


@pytest.mark.parametrize(
    ("act", "mine", "back", "many"),
    [
        ("tags", {"add": "bell"}, {"remove": "bell"}, {}),
        ("tags", {"remove": "old"}, {"add": "old"}, {}),
        ("spam", {"spam": "1"}, {"spam": "0"}, {}),
        ("delete", {"delete": "1"}, {"delete": "0"}, {}),
        ("tags", {"add": "bell"}, {"remove": "bell"}, {"tag": "bell"}),
        ("spam", {"spam": "1"}, {"spam": "0"}, {"spam": "1"}),
    ],
)
def test_an_undo_of_a_tag_or_a_mark_ran_over_a_colleague_who_did_the_same_again(
    company: World,
    conversation: Conversation,
    act: str,
    mine: dict[str, str],
    back: dict[str, str],
    many: dict[str, str],
) -> None:
    here = f"/conversations/{conversation.number}"
    boss, colleague = signed_in(company.agent(Role.ADMINISTRATOR)), signed_in(company.agent(Role.MANAGER))
    change_tags(agent=company.agent(), conversation_id=conversation.pk, add=["old"])
    if many:
        answer = boss.post("/bulk", {"number": conversation.number, **many}, headers=SCRIPT)
    else:
        answer = boss.post(f"{here}/{act}", mine, headers=SCRIPT)
    colleague.post(f"{here}/{act}", back)
    colleague.post(f"{here}/{act}", mine)
    before = Conversation.objects.values().get()
    for refused in taken_back(boss, answer):
        assert events(refused)["rapport:toast"]["kind"] == "danger"
    assert Conversation.objects.values().get() == before


def test_half_of_an_undo_was_said_to_be_nothing(
    client: Client, company: World, conversation: Conversation
) -> None:
    snooze(agent=company.agent(), conversation_id=conversation.pk, until=now() + timedelta(days=3))
    answer = client.post(f"/conversations/{conversation.number}/status", {"status": "solved"}, headers=SCRIPT)
    snooze(agent=company.agent(), conversation_id=conversation.pk, until=now() + timedelta(days=5))
    status, refused = taken_back(client, answer)
    assert (status.status_code, refused.status_code) == (200, 409)
    assert Conversation.objects.get().status == Status.NEW
    assert events(refused)["rapport:toast"]["text"] == (
        "Somebody else has changed this meanwhile. Only a part was taken back."
    )


def test_half_of_an_undo_that_came_too_late_was_said_to_be_nothing(
    client: Client, company: World, conversation: Conversation
) -> None:
    snooze(agent=company.agent(), conversation_id=conversation.pk, until=now() + timedelta(days=3))
    Conversation.objects.update(snoozed_until=now() - timedelta(seconds=1))
    answer = client.post(f"/conversations/{conversation.number}/status", {"status": "solved"}, headers=SCRIPT)
    status, refused = taken_back(client, answer)
    assert (status.status_code, refused.status_code) == (200, 400)
    assert refused.content.decode() == "Only a part was taken back."


def test_the_team_was_taken_back_without_the_person(company: World, conversation: Conversation) -> None:
    client, holder = signed_in(company.agent(Role.MANAGER)), company.agent()
    assign(agent=holder, conversation_id=conversation.pk, assignee=holder)
    given = {"team": company.other_team.pk}
    answer = client.post(f"/conversations/{conversation.number}/assign", given, headers=SCRIPT)
    type(holder).objects.filter(pk=holder.pk).update(active=False)
    (refused,) = taken_back(client, answer)
    assert refused.content.decode() == "This cannot be done. Nothing was changed."
    after = Conversation.objects.get()
    assert (after.team, after.assignee) == (company.other_team, None)


@pytest.mark.parametrize("many", [False, True])
def test_whoever_had_it_without_being_in_its_team_lost_it_by_an_undo(
    company: World, conversation: Conversation, many: bool
) -> None:
    client, holder = signed_in(company.agent(Role.MANAGER)), company.agent()
    Conversation.objects.update(team=company.other_team, assignee=holder)
    given = {"team": company.team.pk, **({"number": str(conversation.number)} if many else {})}
    here = "/bulk" if many else f"/conversations/{conversation.number}/assign"
    answer = client.post(here, given, headers=SCRIPT)
    undone(client, answer)
    after = Conversation.objects.get()
    assert (after.team, after.assignee) == (company.other_team, holder)


def test_another_tag_of_a_colleague_stands_in_no_ones_way(
    client: Client, company: World, conversation: Conversation
) -> None:
    answer = client.post(f"/conversations/{conversation.number}/tags", {"add": "bell"}, headers=SCRIPT)
    change_tags(agent=company.agent(), conversation_id=conversation.pk, add=["urgent"])
    undone(client, answer)
    assert Conversation.objects.get().tag_names == ["urgent"]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"status": "solved"}, {"status": "on_hold"}),
        ({"agent": "me"}, {"agent": ""}),
        ({"team": "other"}, {"team": "own"}),
    ],
)
def test_an_undo_of_many_ran_over_what_a_colleague_did_since(
    company: World, conversation: Conversation, mine: dict[str, str], theirs: dict[str, str]
) -> None:
    boss, colleague = company.agent(Role.ADMINISTRATOR), company.agent(Role.MANAGER)
    named = {"me": boss.pk, "other": company.other_team.pk, "own": company.team.pk}
    other = conversation_of(receive(company.inbox, mail(subject="Another")))
    chosen = {"number": [str(conversation.number), str(other.number)]}
    answer = signed_in(boss).post(
        "/bulk", chosen | {name: named.get(value, value) for name, value in mine.items()}, headers=SCRIPT
    )
    signed_in(colleague).post(
        "/bulk",
        {"number": [str(other.number)]} | {name: named.get(value, value) for name, value in theirs.items()},
    )
    columns = ("status", "assignee", "team")
    before = Conversation.objects.filter(pk=other.pk).values(*columns).get()
    (taken,) = taken_back(signed_in(boss), answer)
    assert Conversation.objects.filter(pk=other.pk).values(*columns).get() == before
    assert events(taken)["rapport:toast"]["text"] == "1 could not be changed"
    first = Conversation.objects.filter(pk=conversation.pk).values(*columns).get()
    assert first == {"status": Status.NEW, "assignee": None, "team": company.team.pk}


def test_an_undo_forgot_since_when_the_customer_waits(client: Client, conversation: Conversation) -> None:
    waiting = conversation.waiting_since
    assert waiting is not None
    here = f"/conversations/{conversation.number}"
    answer = client.post(f"{here}/status", {"status": "solved"}, headers=SCRIPT)
    assert Conversation.objects.get().waiting_since is None
    assert [each.status_code for each in taken_back(client, answer)] == [200]
    assert Conversation.objects.get().waiting_since == waiting


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("changed", ["open", "closed"])
def test_reopening_what_was_solved_long_ago_and_taking_it_back_put_off_its_closing(
    client: Client, conversation: Conversation, changed: str, many: bool
) -> None:
    here, long_ago = f"/conversations/{conversation.number}", now() - timedelta(days=13)
    client.post(f"{here}/status", {"status": "solved"})
    Conversation.objects.update(solved_at=long_ago)
    fields = {"status": changed, **({"number": str(conversation.number)} if many else {})}
    answer = client.post("/bulk" if many else f"{here}/status", fields, headers=SCRIPT)
    assert Conversation.objects.get().status == changed
    undone(client, answer)
    after = Conversation.objects.get()
    assert (after.status, after.solved_at) == (Status.SOLVED, long_ago)


def test_an_entry_from_before_it_kept_times_can_be_taken_back(
    client: Client, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/status", {"status": "solved"})
    answer = client.post(f"{here}/status", {"status": "open"}, headers=SCRIPT)
    older = {"status": "open", "before": "solved", "waiting_since": None}
    conversation.entries.filter(seq=Conversation.objects.get().last_seq).update(payload=older)
    undone(client, answer)
    after = Conversation.objects.get()
    assert (after.status, after.solved_at is None) == (Status.SOLVED, False)


@pytest.mark.parametrize("act", ["spam", "delete"])
def test_spam_marked_by_one_key_could_not_be_taken_back(
    company: World, conversation: Conversation, act: str
) -> None:
    client = signed_in(company.agent(Role.MANAGER))
    answer = client.post(f"/conversations/{conversation.number}/{act}", headers=SCRIPT)
    assert Conversation.objects.get().folder != "open"
    undone(client, answer)
    undone(client, answer)
    assert Conversation.objects.get().folder == "open"


def test_nothing_is_offered_back_that_was_given_beyond_ones_reach(
    company: World, conversation: Conversation
) -> None:
    given = {"number": [str(conversation.number)], "team": str(company.other_team.pk)}
    answer = signed_in(company.agent()).post("/bulk", given, headers=SCRIPT)
    assert "undo" not in events(answer)["rapport:toast"]
