"""What a search finds, whose, and what it says of words that it did not understand."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from rapport.conversations.actions.edit_tag import create_tag
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.note import add_note
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Entry, Folder, Message, Status
from rapport.conversations.reactions import index_words
from rapport.conversations.searching import index_message, index_note, index_side_message, index_state
from rapport.inboxes.contract import Address
from rapport.kernel.clock import now, travel
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, mail, receive


def test_search_finds_words_and_not_those_of_others(company: World, conversation: Conversation) -> None:
    receive(
        company.other_inbox, mail(to="workshop@refit.example", subject="parcel hidden", text="zebra parcel")
    )
    for entry in Entry.objects.filter(kind="message.received"):
        index_words(entry)
    page = signed_in(company.agent(Role.REPRESENTATIVE)).get("/search?q=parcel").content.decode()
    assert "Where is my <mark>parcel</mark>?" in page
    assert "zebra" not in page


def test_a_word_of_our_own_address_found_every_mail_that_was_sent_to_it(
    client: Client, company: World
) -> None:
    texts = {"answered": "Your support is fine", "plain": "Where is it?", "velonord": "Is this Velonord?"}
    for subject, text in texts.items():
        receive(company.inbox, mail(sender=f"{subject}@customer.example", subject=subject, text=text))
    answered = Conversation.objects.get(subject="plain")
    thanks = Answer(html="<p>Here</p>", to=(Address("plain@customer.example"),))
    reply(agent=company.agent(), conversation_id=answered.pk, answer=thanks)
    for message in Message.objects.all():
        index_message(message.pk)

    def found(text: str) -> set[str]:
        listed = client.get("/search.csv", {"q": text}).getvalue().decode()
        return {subject for subject in texts if f",{subject}," in listed}

    assert found("support") == {"answered"}
    assert found("velonord") == found("from:velonord") == {"velonord"}
    assert found("-support") == {"plain", "velonord"}
    assert found("to:support@velonord.example") == {*texts}
    assert found("velonord@customer.example") == {"velonord"}
    assert found("support velo") == set()


def test_whom_a_question_had_gone_to_was_not_found(company: World, conversation: Conversation) -> None:
    agent = company.agent()
    asked = Answer(html="<p>In stock?</p>", to=(Address("supplier@parts.example", "Paula Pump"),))
    index_side_message(
        forward(agent=agent, conversation_id=conversation.pk, answer=asked, undo=timedelta(0)).pk
    )
    for text in ("to:parts.example", "supplier@parts.example", "paula pump"):
        assert "Where is my parcel?" in signed_in(agent).get("/search", {"q": text}).content.decode()


def test_a_hit_stood_among_others_with_the_time_of_words_that_were_not_the_ones_found(
    client: Client, company: World
) -> None:
    with travel(now() - timedelta(days=400)):
        raw = receive(company.inbox, mail(text="About zebras"))
    index_message(Message.objects.get().pk)
    written = re.compile(r'<time[^>]*(datetime="[^"]*")')
    then = written.findall(client.get("/search?q=zebras").content.decode())
    assert len(then) == 1
    first = Message.objects.get()
    receive(company.inbox, mail(text="And now?", In_Reply_To=first.identity))
    assert conversation_of(raw).last_message_at > first.created_at
    for part in ("", "&part=list"):
        assert written.findall(client.get(f"/search?q=zebras{part}").content.decode()) == then


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
    best = re.findall(r">s\d+<", page)
    assert best[0] == ">s0<"
    further = unescape(page.partition('rel="next" href="')[2].partition('"')[0])
    assert "sort=best" in further
    rest = client.get(further).content.decode()
    assert rest.count('<a class="hit"') == 2
    assert 'rel="next"' not in rest
    assert {*best, *re.findall(r">s\d+<", rest)} == {f">s{number}<" for number in range(32)}


def parcels(company: World, number: int) -> None:
    """Let so many conversations hold the word."""
    for each in range(number):
        receive(company.inbox, mail(sender=f"c{each}@customer.example", subject=f"s{each}", text="parcel"))
    for message in Message.objects.all():
        index_message(message.pk)


def test_nothing_said_how_many_a_search_had_found(
    client: Client, company: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcels(company, 32)
    client.get("/search?q=parcel")
    for sort in ("", "&sort=best"):
        assert ">32 conversations<" in client.get(f"/search?q=parcel{sort}").content.decode()
    monkeypatch.setattr("rapport.kernel.search.search.WINDOW", 31)
    for sort in ("", "&sort=best"):
        assert ">More than 31 conversations<" in client.get(f"/search?q=parcel{sort}").content.decode()
    assert ">1 conversation<" in client.get("/search?q=subject:s7").content.decode()


def test_a_hit_opened_beside_another_list(client: Client, company: World) -> None:
    parcels(company, 32)
    page = client.get("/search?q=parcel&sort=best").content.decode()
    [beside] = re.findall(r'data-hits="([^"]+)"', page)
    listed = client.get(f"{unescape(beside)}&part=list").content.decode()
    assert "Search: parcel</h2>" in listed
    assert listed.count('<li class="row row--hit row--unread"') == 30
    assert "<small><mark>parcel</mark></small>" in listed
    assert 'href="/search?q=parcel&amp;sort=best"' in listed
    [further] = re.findall(r'hx-get="([^"]+)"', listed)
    rest = client.get(unescape(further)).content.decode()
    assert (rest.count('<li class="row row--hit row--unread"'), "list__head" in rest) == (2, False)
    assert "Nothing found" in client.get("/search?q=okapi&part=list").content.decode()


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


def test_what_a_search_did_not_understand_is_said_in_words(client: Client) -> None:
    page = client.get("/search", {"q": "is:foo bell before:yesterday"}).content.decode()
    assert "is:foo" in page
    assert "Doubt" not in page
    assert "is no date" in page
    assert "closed, spam, deleted" in page
    assert "<code>is:closed</code>" in page


def test_a_tag_that_nobody_made_found_nothing_and_said_nothing(
    client: Client, company: World, conversation: Conversation
) -> None:
    lead = company.agent(Role.TEAM_LEAD)
    for name in ("warranty", "warranty void", "delivery"):
        create_tag(actor=lead, name=name, colour="#667085")

    def said(typed: str) -> str:
        return unescape(client.get("/search", {"q": typed}).content.decode())

    assert "There is no tag nosuch." in said("parcel tag:nosuch")
    assert "There is no tag delivry. Did you mean delivery?" in said("tag:delivry")
    assert "There is no tag RANT. Did you mean warranty or warranty void?" in said("tag:RANT")
    for known in ("tag:WARRANTY", "-tag:nosuch", '-tag:"delivery"'):
        assert "There is no tag" not in said(known)


def test_of_very_many_tags_those_at_the_end_were_said_not_to_be(
    client: Client, company: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rapport.conversations.queries.tags.MOST_COMPARED", 1)
    for name in ("delivery", "warranty"):
        create_tag(actor=company.agent(Role.TEAM_LEAD), name=name, colour="#667085")
    assert "There is no tag" not in client.get("/search", {"q": "okapi tag:Warranty"}).content.decode()


def test_what_can_be_searched_for_had_to_be_typed(client: Client) -> None:
    page = unescape(client.get("/search", {"q": "red bike"}).content.decode())
    assert 'href="/search?q=red+bike+is%3Aopen" data-put="is:open"' in page
    assert 'data-put="tag:warranty" data-example="warranty"' in page


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


def test_what_was_not_delivered_stood_in_no_list_of_the_team_lead(
    company: World, conversation: Conversation
) -> None:
    delivered = conversation_of(receive(company.inbox, mail(subject="A parcel that came")))
    for entry in Entry.objects.filter(kind="message.received"):
        index_words(entry)
    Conversation.objects.filter(pk=conversation.pk).update(delivery_failed=True)
    lead = signed_in(company.agent(Role.TEAM_LEAD))
    page = lead.get("/search", {"q": "is:failed"}).content.decode()
    assert f'href="/conversations/{conversation.number}"' in page
    assert f'href="/conversations/{delivered.number}"' not in page
    rest = lead.get("/search", {"q": "-is:failed"}).content.decode()
    assert f'href="/conversations/{delivered.number}"' in rest
    assert f'href="/conversations/{conversation.number}"' not in rest


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
