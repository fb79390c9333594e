"""What the bell and the rail show of an agent's work and rights."""

import re

from django.test import Client

from rapport.conversations.actions.note import add_note
from rapport.conversations.actions.spam import delete
from rapport.conversations.models import Conversation
from rapport.inboxes.models import Outcome, RawInbound
from rapport.notifications.actions.notify import notify
from rapport.notifications.models import About, Notification
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, mail, receive


def test_what_was_read_stayed_new_in_the_bell(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    other = conversation_of(receive(company.inbox, mail(subject="Another")))
    agent = company.agent()
    for each in (conversation, other):
        notify(
            agent_ids=[agent.pk], about=About.ANSWERED, once=f"x{each.pk}", conversation_number=each.number
        )
    signed_in(agent).post(f"/conversations/{conversation.number}/read", {"seq": conversation.last_seq})
    unread = Notification.objects.filter(agent=agent, read_at=None)
    assert [each.conversation_number for each in unread] == [other.number]


def test_a_reader_was_offered_to_write_first(company: World) -> None:
    offered = {}
    for role in (Role.QA_ANALYST, Role.REPRESENTATIVE):
        page = signed_in(company.agent(role)).get("/inbox/all").content.decode()
        offered[role] = 'href="/new"' in page
    assert offered == {Role.QA_ANALYST: False, Role.REPRESENTATIVE: True}


def number_at(view: str, client: Client) -> int:
    page = client.get("/counts").content.decode()
    found = re.search(rf'data-view="{view}".*?</a>', page, re.DOTALL)
    assert found is not None
    number = re.search(r"</span>(\d+)</span></a>", found[0])
    return int(number[1]) if number else 0


def test_the_number_at_the_mentions_was_not_that_of_the_rows_one_sees(company: World) -> None:
    agent, lead = company.agent(), company.agent(Role.TEAM_LEAD)
    several = [conversation_of(receive(company.inbox, mail(subject=f"s{number}"))) for number in range(4)]
    for each in (*several, several[0]):
        add_note(agent=lead, conversation_id=each.pk, html="Look?", mentioned_ids=[agent.pk])
    delete(agent=lead, conversation_id=several[3].pk)
    client = signed_in(agent)

    def new_ones() -> int:
        return client.get("/inbox/mentions").content.decode().count("row--unread")

    assert number_at("mentions", client) == new_ones() == 3
    seen = Conversation.objects.get(pk=several[0].pk)
    client.post(f"/conversations/{seen.number}/read", {"seq": seen.last_seq})
    assert number_at("mentions", client) == new_ones() == 2


def test_the_number_at_the_trays_was_not_that_of_the_tray_it_opens(company: World) -> None:
    client = signed_in(company.agent(Role.TEAM_LEAD))
    for number, outcome in enumerate((Outcome.REFUSED, Outcome.POISON, Outcome.NOTED)):
        raw = receive(company.inbox, mail(subject=f"s{number}"))
        RawInbound.objects.filter(pk=raw.pk).update(outcome=outcome)
    assert number_at("trays", client) == 2
    page = client.get("/trays").content.decode()
    assert page.count('class="tray"') == 2
    assert re.findall(r'tabs__count">(\d+)<', page) == ["2"]
