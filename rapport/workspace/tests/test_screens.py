"""Every screen of the workspace over HTTP, and what the acts on it answer."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rapport.conversations.actions.assign import assign
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.note import add_note
from rapport.conversations.actions.reply import Answer
from rapport.conversations.actions.snooze import snooze
from rapport.conversations.actions.tag import change_tags
from rapport.conversations.kinds import StatusChanged
from rapport.conversations.models import Conversation, Delivery, Entry, Folder, Message, Note, Status
from rapport.conversations.reactions import index_words
from rapport.conversations.searching import index_message, index_note, index_side_message, index_state
from rapport.conversations.timeline import append
from rapport.inboxes.contract import Address
from rapport.inboxes.models import Inbox
from rapport.kernel.clock import now
from rapport.kernel.stream.append import SYSTEM
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, mail, receive

SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent(Role.ADMINISTRATOR))


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/inbox/unassigned",
        "/inbox/all",
        "/inbox/all?part=rows",
        "/inbox/all?part=list",
        "/inbox/mentions",
        "/inbox/spam",
        "/inbox/deleted",
        "/inbox/waiting",
        "/counts",
        "/search",
        "/search?q=parcel",
        "/search?q=is:nonsense+before:yesterday+%22open",
        "/new",
        "/new?mode=call",
        "/trays",
        "/trays/noted",
        "/trays/refused",
        "/conversations/{number}",
        "/conversations/{number}?part=pane",
        "/conversations/{number}?part=header",
        "/conversations/{number}/panel",
        "/conversations/{number}?part=composer",
        "/conversations/{number}/entries?after=0",
    ],
)
def test_every_screen_answers(client: Client, conversation: Conversation, address: str) -> None:
    answer = client.get(address.format(number=conversation.number))
    assert answer.status_code == 200, answer.content[:500]


def test_the_list_shows_the_conversation(client: Client, conversation: Conversation) -> None:
    page = client.get("/inbox/all").content.decode()
    assert "Where is my parcel?" in page
    assert f"/conversations/{conversation.number}" in page


def test_the_thread_shows_the_words(client: Client, conversation: Conversation) -> None:
    assert "where is my parcel?" in client.get(f"/conversations/{conversation.number}").content.decode()


def test_the_original_is_shown_in_a_sandbox(client: Client, conversation: Conversation) -> None:
    message = Message.objects.get()
    answer = client.get(f"/conversations/{conversation.number}/messages/{message.pk}/original")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_conversation_outside_ones_reach_does_not_exist(company: World) -> None:
    foreign = conversation_of(receive(company.other_inbox, mail(to="workshop@refit.example")))
    client = signed_in(company.agent(Role.REPRESENTATIVE))
    message = Message.objects.get()
    base = f"/conversations/{foreign.number}"
    for address in (base, f"{base}/entries", f"{base}/messages/{message.pk}/original"):
        assert client.get(address).status_code == 404
    for act in ("reply", "note", "status", "assign", "tags", "delete", f"messages/{message.pk}/undo"):
        assert client.post(f"{base}/{act}", {"status": "solved"}, headers=SCRIPT).status_code in {403, 404}
    assert foreign.number is not None
    assert "Where is my parcel" not in client.get("/inbox/all").content.decode()


def test_a_reply_by_form(client: Client, conversation: Conversation) -> None:
    answer = client.post(
        f"/conversations/{conversation.number}/reply",
        {
            "html": "<div>Tomorrow</div>",
            "to": "Ada Byron <ada@customer.example>",
            "token": "1",
            "status": "solved",
        },
        headers=SCRIPT,
    )
    assert answer.status_code == 200, answer.content
    conversation.refresh_from_db()
    assert conversation.status == Status.SOLVED
    assert Delivery.objects.get().recipients.get().address == "ada@customer.example"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"html": "", "to": "ada@customer.example", "token": "1"}, 422),
        ({"html": "x", "to": "", "token": "1"}, 422),
        ({"html": "x", "to": "not an address"}, 422),
        ({"html": "x", "to": "a@b.example\r\nBcc: all@x.example"}, 422),
    ],
)
def test_a_bad_answer_says_why_and_keeps_everything(
    client: Client, conversation: Conversation, fields: dict[str, str], status: int
) -> None:
    answer = client.post(f"/conversations/{conversation.number}/reply", fields, headers=SCRIPT)
    assert answer.status_code == status
    assert not Delivery.objects.exists()


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


def test_a_crossing_reply_is_stopped(client: Client, conversation: Conversation) -> None:
    receive_more = {"html": "<div>First</div>", "to": "ada@customer.example", "token": "1"}
    other = conversation.number
    assert client.post(f"/conversations/{other}/reply", receive_more, headers=SCRIPT).status_code == 200
    lead = signed_in(Agent.objects.get(role=Role.TEAM_LEAD))
    crossed = lead.post(f"/conversations/{other}/reply", receive_more, headers=SCRIPT)
    assert crossed.status_code == 409


def test_a_note_by_form(client: Client, company: World, conversation: Conversation) -> None:
    lead = company.agent(Role.TEAM_LEAD)
    answer = client.post(
        f"/conversations/{conversation.number}/note", {"html": "Look", "mention": [lead.pk]}, headers=SCRIPT
    )
    assert answer.status_code == 200
    assert Note.objects.get().mentions.get().agent == lead


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
    assert answer.status_code == 204
    assert "1" in json.loads(answer["HX-Trigger"])["rapport:toast"]["text"]
    foreign.refresh_from_db()
    assert foreign.status == Status.NEW


def undone(client: Client, trigger: str) -> None:
    """Do what the button of the message does."""
    for step in json.loads(trigger)["rapport:toast"]["undo"]:
        posted: dict[str, list[str]] = {}
        for name, value in step["fields"]:
            posted.setdefault(name, []).append(value)
        assert client.post(step["url"], posted, headers=SCRIPT).status_code in {200, 204}


def test_solving_could_not_be_taken_back(client: Client, conversation: Conversation) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/status", {"status": "on_hold"})
    client.post(f"{here}/snooze", {"until": "week"})
    before = Conversation.objects.get()
    answer = client.post(f"{here}/status", {"status": "solved"}, headers=SCRIPT)
    assert Conversation.objects.get().status == Status.SOLVED
    undone(client, answer["HX-Trigger"])
    after = Conversation.objects.get()
    assert (after.status, after.snoozed_until) == (Status.ON_HOLD, before.snoozed_until)


def test_an_unsent_draft_was_invisible_in_lists_and_when_solving(
    client: Client, company: World, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    assert "Draft" not in client.get("/inbox/all?part=rows").content.decode()
    client.post(f"{here}/draft", {"mode": "reply", "html": "<p>Half an answ</p>", "nonce": "n", "save": "1"})
    assert "Draft" in client.get("/inbox/all?part=rows").content.decode()
    colleague = signed_in(company.agent(Role.TEAM_LEAD))
    assert "Draft" not in colleague.get("/inbox/all?part=rows").content.decode()
    solved = client.post(f"{here}/status", {"status": "solved"}, headers=SCRIPT)
    assert "draft was not sent" in solved["HX-Trigger"]


def test_solving_many_could_not_be_taken_back(
    client: Client, company: World, conversation: Conversation
) -> None:
    other = conversation_of(receive(company.inbox, mail(subject="Another")))
    client.post(f"/conversations/{other.number}/status", {"status": "waiting"})
    chosen = [str(conversation.number), str(other.number)]
    answer = client.post("/bulk", {"number": chosen, "status": "solved"}, headers=SCRIPT)
    undone(client, answer["HX-Trigger"])
    assert set(Conversation.objects.values_list("pk", "status")) == {
        (conversation.pk, Status.NEW),
        (other.pk, Status.WAITING),
    }


@pytest.mark.parametrize("act", ["team", "tag", "spam", "snoozed", "mixed"])
def test_an_act_on_many_could_not_be_taken_back(company: World, conversation: Conversation, act: str) -> None:
    boss = company.agent(Role.MANAGER)
    client = signed_in(boss)
    other = conversation_of(receive(company.inbox, mail(subject="Another")))
    assign(agent=boss, conversation_id=other.pk, assignee=company.agent())
    change_tags(agent=boss, conversation_id=other.pk, add=["bell"])
    snooze(agent=boss, conversation_id=other.pk, until=now() + timedelta(days=3))
    columns = ("team", "assignee", "tag_names", "spam", "status", "snoozed_until", "folder")
    before = list(Conversation.objects.order_by("pk").values(*columns))
    fields = {
        "team": {"team": str(company.other_team.pk)},
        "tag": {"tag": "bell"},
        "spam": {"spam": "1"},
        "snoozed": {"status": "solved"},
        "mixed": {"agent": str(boss.pk)},
    }[act]
    chosen = [str(conversation.number), str(other.number)]
    answer = client.post("/bulk", {"number": chosen, **fields}, headers=SCRIPT)
    assert list(Conversation.objects.order_by("pk").values(*columns)) != before
    undone(client, answer["HX-Trigger"])
    assert list(Conversation.objects.order_by("pk").values(*columns)) == before


@pytest.mark.parametrize("act", ["spam", "delete"])
def test_spam_marked_by_one_key_could_not_be_taken_back(
    company: World, conversation: Conversation, act: str
) -> None:
    client = signed_in(company.agent(Role.MANAGER))
    answer = client.post(f"/conversations/{conversation.number}/{act}", headers=SCRIPT)
    assert Conversation.objects.get().folder != "open"
    undone(client, answer["HX-Trigger"])
    undone(client, answer["HX-Trigger"])
    assert Conversation.objects.get().folder == "open"


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


def test_nothing_is_offered_back_that_was_given_beyond_ones_reach(
    company: World, conversation: Conversation
) -> None:
    given = {"number": [str(conversation.number)], "team": str(company.other_team.pk)}
    answer = signed_in(company.agent()).post("/bulk", given, headers=SCRIPT)
    assert "undo" not in json.loads(answer["HX-Trigger"])["rapport:toast"]


def test_search_finds_words_and_not_those_of_others(company: World, conversation: Conversation) -> None:
    receive(
        company.other_inbox, mail(to="workshop@refit.example", subject="parcel hidden", text="zebra parcel")
    )
    for entry in Entry.objects.filter(kind="message.received"):
        index_words(entry)
    page = signed_in(company.agent(Role.REPRESENTATIVE)).get("/search?q=parcel").content.decode()
    assert "Where is my <mark>parcel</mark>?" in page
    assert "zebra" not in page


def test_the_match_in_a_subject_was_not_marked(client: Client, company: World) -> None:
    found = conversation_of(receive(company.inbox, mail(subject="Zebra <b> stripes", text="Dear all")))
    index_words(Entry.objects.get(kind="message.received"))
    page = client.get("/search?q=zebra").content.decode()
    assert "<mark>Zebra</mark> &lt;b&gt; stripes</span>" in page
    assert "<mark>Ada</mark>" in client.get("/search?q=from:ada").content.decode()
    Conversation.objects.filter(pk=found.pk).update(subject="Another one")
    page = client.get("/search?q=zebra").content.decode()
    assert "Another one</span>" in page
    assert '__snippet"><mark>Zebra</mark> &lt;b&gt;' in page


def test_the_best_matches_are_a_click_away_and_go_on(client: Client, company: World) -> None:
    for number in range(32):
        text = "parcel parcel parcel" if number == 0 else f"my parcel {number} and many other words"
        receive(company.inbox, mail(sender=f"c{number}@customer.example", subject=f"s{number}", text=text))
    for message in Message.objects.all():
        index_message(message.pk)
    page = client.get("/search?q=parcel").content.decode()
    assert 'href="/search?q=parcel&sort=best"' in unescape(page)
    page = client.get("/search?q=parcel&sort=best").content.decode()
    assert page.count('<a class="hit"') == 30
    assert page.index(">s0<") < page.index(">s31<")
    further = unescape(page.partition('rel="next" href="')[2].partition('"')[0])
    assert "sort=best" in further
    rest = client.get(further).content.decode()
    assert rest.count('<a class="hit"') == 2
    assert 'rel="next"' not in rest
    assert not set(re.findall(r">s\d+<", rest)) & set(re.findall(r">s\d+<", page))


def test_search_names_a_side_talk_and_a_note_each_by_its_own_word(
    company: World, conversation: Conversation
) -> None:
    agent = company.agent()
    asked = Answer(html="<p>Is the zebra pump in stock?</p>", to=(Address("supplier@parts.example"),))
    side = forward(agent=agent, conversation_id=conversation.pk, answer=asked, undo=timedelta(0))
    index_side_message(side.pk)
    client = signed_in(agent)
    page = client.get("/search?q=zebra").content.decode()
    assert 'data-kind="side"' in page
    assert 'data-kind="note"' not in page
    index_note(add_note(agent=agent, conversation_id=conversation.pk, html="<p>An okapi</p>").pk)
    page = client.get("/search?q=okapi").content.decode()
    assert 'data-kind="note"' in page
    assert 'data-kind="side"' not in page


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


def test_pages_take_a_fixed_number_of_queries(
    client: Client, company: World, conversation: Conversation
) -> None:
    few = [queries(client, address) for address in ("/inbox/all", f"/conversations/{conversation.number}")]
    for number in range(12):
        receive(company.inbox, mail(sender=f"c{number}@customer.example", subject=f"s{number}"))
        add_note(agent=company.agent(), conversation_id=conversation.pk, html=f"note {number}")
    many = [queries(client, address) for address in ("/inbox/all", f"/conversations/{conversation.number}")]
    assert many[0] <= few[0] + 1
    assert many[1] <= few[1] + 3
    assert few[0] <= 10
    assert few[1] <= 30


def test_a_forwarded_mail_offers_its_first_sender(client: Client, company: World) -> None:
    text = (
        "See below.\n\n---------- Forwarded message ---------\nFrom: Ida Holm <ida@home.example>\n"
        "Date: Mon, 2 Nov 2026\nSubject: Broken\nTo: boss@velonord.example\n\nMy bike is broken.\n"
    )
    raw = receive(company.inbox, mail(sender="boss@partner.example", subject="Fwd: Broken", text=text))
    found = conversation_of(raw)
    page = client.get(f"/conversations/{found.number}").content.decode()
    assert "Ida Holm" in page
    message = Message.objects.get(raw=raw)
    answer = client.post(
        f"/conversations/{found.number}/customer", {"message": str(message.pk)}, headers=SCRIPT
    )
    assert answer.status_code == 200
    found.refresh_from_db()
    assert found.customer.name == "Ida Holm"
    assert found.identity is not None and found.identity.value == "ida@home.example"


def test_nobody_becomes_the_customer_whom_the_conversation_does_not_offer(
    client: Client, company: World, conversation: Conversation
) -> None:
    stranger = conversation_of(receive(company.inbox, mail(sender="x@y.example", subject="x"))).customer
    answer = client.post(
        f"/conversations/{conversation.number}/customer", {"customer": str(stranger.pk)}, headers=SCRIPT
    )
    assert answer.status_code == 400


def test_nul_characters_in_forms_and_queries_do_no_harm(client: Client, conversation: Conversation) -> None:
    assert client.get("/search?q=par%00cel").status_code == 200
    answer = client.post(
        f"/conversations/{conversation.number}/subject", {"subject": "New\x00 words"}, headers=SCRIPT
    )
    assert answer.status_code == 200
    conversation.refresh_from_db()
    assert conversation.subject == "New words"


def test_what_was_before_a_long_thread_is_one_click_away(client: Client, conversation: Conversation) -> None:
    agent = Agent.objects.get(role=Role.ADMINISTRATOR)
    for number in range(70):
        add_note(agent=agent, conversation_id=conversation.pk, html=f"<p>note {number}</p>")
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    assert "where is my parcel?" not in page.partition("data-timeline")[2].partition("data-thread-end")[0]
    before = page.partition(f"/conversations/{conversation.number}/entries?before=")[2].partition('"')[0]
    entries = client.get(f"/conversations/{conversation.number}/entries?before={before}").content.decode()
    assert "where is my parcel?" in entries
    assert "entries?before=" not in entries
    plain = client.get(f"/conversations/{conversation.number}?before={before}").content.decode()
    assert "where is my parcel?" in plain


def test_what_rapport_does_by_itself_is_said_in_whole_sentences(
    client: Client, conversation: Conversation
) -> None:
    with transaction.atomic():
        change = StatusChanged(status=Status.OPEN, before=Status.WAITING)
        append(conversation, "status.changed", change, actor=SYSTEM)
    page = client.get(f"/conversations/{conversation.number}/entries?after=0").content.decode()
    assert "<strong>Rapport</strong> set the status to Open" in page


def test_writing_first_starts_in_the_inbox_of_ones_own_team(company: World) -> None:
    agent = company.agent()
    company.inbox.name = "Zebra"
    company.inbox.save()
    chosen = rf'value="{company.inbox.pk}"[^>]* selected'
    assert re.search(chosen, signed_in(agent).get("/new").content.decode())
    agent.teams.set([company.other_team])
    page = signed_in(company.agent()).get("/new").content.decode()
    assert re.search(rf'value="{company.other_inbox.pk}"[^>]* selected', page)


def test_an_empty_list_of_ones_own_did_not_say_what_waits(company: World, conversation: Conversation) -> None:
    client = signed_in(company.agent())
    link = 'class="button button--primary" data-size="m" href="/inbox/unassigned"'
    page = client.get("/").content.decode()
    assert link in page
    assert "1 conversation belongs to nobody yet" in page
    client.post(f"/conversations/{conversation.number}/assign", {"agent": company.agent().pk})
    assert link not in client.get("/").content.decode()
    client.post(f"/conversations/{conversation.number}/status", {"status": "solved"})
    assert link not in client.get("/").content.decode()


def test_writing_first_started_in_the_first_inbox_of_the_alphabet(company: World) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    zebra = Inbox.objects.create(
        name="Zebra", address="zebra@velonord.example", brand=company.other_brand, team=company.other_team
    )
    posted = {"inbox": zebra.pk, "to": "ada@customer.example", "subject": "First", "text": "Hello"}
    assert client.post("/new", posted).status_code == 302
    assert re.search(rf'value="{zebra.pk}"[^>]* selected', client.get("/new").content.decode())
    zebra.active = False
    zebra.save()
    assert re.search(rf'value="{company.inbox.pk}"[^>]* selected', client.get("/new").content.decode())


def test_writing_first_offered_no_canned_replies(client: Client) -> None:
    assert "data-canned-url" in client.get("/new").content.decode()
    assert "data-canned-url" not in client.get("/new?mode=call").content.decode()


@pytest.mark.parametrize(
    "after",
    [
        "0001-01-01T00:00:00+14:00~1",
        "9999-12-31T23:59:59-14:00~1",
        f"2026-01-01T00:00:00+00:00~{10**30}",
        "~",
    ],
)
def test_a_cursor_from_nowhere_was_an_error(client: Client, after: str) -> None:
    assert client.get("/inbox/all", {"after": after}).status_code == 200


def test_a_specialist_read_the_lists_of_other_brands_teams(company: World) -> None:
    raw = receive(company.other_inbox, mail(to=company.other_inbox.address, subject="Of the other brand"))
    assert conversation_of(raw).team_id == company.other_team.pk
    client = signed_in(company.agent(Role.SPECIALIST))
    assert client.get(f"/inbox/team-{company.other_team.pk}").status_code == 404
    assert "Of the other brand" not in client.get("/inbox/all").content.decode()


def test_what_a_search_did_not_understand_is_said_in_words(client: Client) -> None:
    page = client.get("/search", {"q": "is:foo bell before:yesterday"}).content.decode()
    assert "is:foo" in page
    assert "Doubt" not in page
    assert "is no date" in page
    assert "closed, spam, deleted" in page
    assert "<code>is:closed</code>" in page


@pytest.mark.parametrize("act", ["closed", "spam", "deleted"])
def test_what_was_closed_spam_or_deleted_could_not_be_searched(
    client: Client, company: World, conversation: Conversation, act: str
) -> None:
    row = f'href="/conversations/{conversation.number}"'
    index_words(Entry.objects.get(kind="message.received"))

    def shown(typed: str, who: Client = client) -> bool:
        return row in who.get("/search", {"q": f"parcel {typed}"}).content.decode()

    assert not shown(f"is:{act}")
    if act == "closed":
        Conversation.objects.filter(pk=conversation.pk).update(status=Status.CLOSED, folder=Folder.SOLVED)
    else:
        name = {"spam": "spam", "deleted": "delete"}[act]
        client.post(f"/conversations/{conversation.number}/{name}", {name: "1"})
    index_state(conversation.pk)
    assert shown(f"is:{act}")
    assert shown("") is (act == "closed")
    assert not shown(f"-is:{act}")
    assert not shown("is:spam is:deleted")
    representative = signed_in(company.agent())
    assert shown(f"is:{act}", representative) is (act != "deleted")


def test_a_state_beyond_ones_rights_is_said_to_be_unknown(company: World) -> None:
    page = signed_in(company.agent()).get("/search", {"q": "is:deleted"}).content.decode()
    assert "There is no state is:deleted" in page
    assert "is:deleted</code>" not in page


@pytest.mark.parametrize("sign", ["", "#"])
def test_a_conversation_was_not_found_by_its_number(
    client: Client, company: World, conversation: Conversation, sign: str
) -> None:
    row = f'href="/conversations/{conversation.number}"'
    typed = {"q": f" {sign}{conversation.number} "}
    assert client.get("/search", typed).content.decode().count(row) == 1
    foreign = conversation_of(receive(company.other_inbox, mail(to="workshop@refit.example", subject="x")))
    page = signed_in(company.agent(Role.REPRESENTATIVE)).get("/search", {"q": f"{sign}{foreign.number}"})
    assert f'href="/conversations/{foreign.number}"' not in page.content.decode()


@pytest.mark.parametrize("state", ["new", "waiting", "on_hold", "snoozed"])
def test_a_state_that_lists_show_could_not_be_searched(
    client: Client, conversation: Conversation, state: str
) -> None:
    here, row = f"/conversations/{conversation.number}", f'href="/conversations/{conversation.number}"'
    index_words(Entry.objects.get(kind="message.received"))
    for each in ("new", "waiting", "on_hold", "snoozed"):
        posted = {"until": "week"} if each == "snoozed" else {"status": each}
        client.post(f"{here}/{'snooze' if each == 'snoozed' else 'status'}", posted)
        index_state(conversation.pk)
        if each == state:
            break
        assert row not in client.get("/search", {"q": f"parcel is:{state}"}).content.decode()
    assert row in client.get("/search", {"q": f"parcel is:{state}"}).content.decode()


def test_a_forward_was_addressed_to_the_customer(client: Client, conversation: Conversation) -> None:
    address = f"/conversations/{conversation.number}?part=composer&mode="
    assert "ada@customer.example" in _to_field(client, f"{address}reply")
    assert "ada@customer.example" not in _to_field(client, f"{address}forward")


def _to_field(client: Client, address: str) -> str:
    return client.get(address).content.decode().partition('name="to"')[2].partition(">")[0]


@pytest.mark.parametrize(("language", "full"), [("en", "Blind copy"), ("de", "Blindkopie")])
def test_fields_for_copies_have_the_usual_short_names_and_full_ones_for_screen_readers(
    company: World, conversation: Conversation, language: str, full: str
) -> None:
    agent = company.agent()
    agent.language = language
    agent.save()
    page = signed_in(agent).get(f"/conversations/{conversation.number}?part=composer").content.decode()
    assert (
        f'<label for="composer-bcc" title="{full}">Bcc<span class="visually-hidden">, {full}</span>' in page
    )
    assert (
        f'data-show-recipients="bcc" title="{full}">Bcc<span class="visually-hidden">, {full}</span>' in page
    )


def test_a_page_carried_an_editor_that_nobody_had_opened(client: Client, conversation: Conversation) -> None:
    here = f"/conversations/{conversation.number}"
    page = client.get(here).content.decode()
    assert "<trix-editor" not in page
    for mode in ("reply", "note", "forward"):
        assert f'href="{here}?write={mode}#composer"' in page
        opened = client.get(f"{here}?write={mode}").content.decode()
        assert f'data-mode="{mode}" data-open="yes"' in opened
        assert "<noscript><textarea" in opened
    sent = client.post(f"{here}/note", {"html": "<p>Seen</p>"}, headers={"HX-Request": "true"})
    assert "<trix-editor" not in sent.content.decode()
    client.post(f"{here}/draft", {"mode": "note", "html": "<p>Begun</p>"})
    assert "<trix-editor" in client.get(here).content.decode()


@pytest.mark.parametrize(
    ("address", "fields", "words"),
    [
        ("/conversations/{number}/messages/{message}/address", {"address": "nonsense"}, "no mail address"),
        ("/conversations/{number}/snooze", {"until_at": "2001-01-01T00:00"}, "is past"),
        ("/conversations/{number}/draft", {"mode": "letter"}, "cannot be read"),
        ("/bulk", {"number": "10001", "team": "999999"}, "cannot be done"),
        ("/bulk", {"status": "solved"}, "Nothing was chosen"),
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


def test_the_list_lost_its_order_with_the_next_signal(client: Client, conversation: Conversation) -> None:
    page = client.get("/inbox/all?sort=oldest").content.decode()
    assert 'data-refresh="/inbox/all?sort=oldest"' in page
    assert "sort=waiting" not in page
