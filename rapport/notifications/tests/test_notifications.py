import pytest
from django.core import mail
from django.test import Client

from rapport.conversations.actions.assign import assign
from rapport.conversations.actions.note import add_note
from rapport.conversations.models import Entry
from rapport.inboxes.actions.trouble import report_trouble
from rapport.kernel.jobs.worker import drain
from rapport.kernel.live.models import LiveSignal
from rapport.notifications import reactions
from rapport.notifications.actions.notify import notify
from rapport.notifications.actions.prefer import prefer
from rapport.notifications.jobs import tell_inbox_trouble
from rapport.notifications.models import About, Notification
from rapport.notifications.queries import unread_count
from rapport.notifications.sentences import sentence
from rapport.staff.roles import Role
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return world.build()


def react() -> None:
    drain({"reactions"})


def told(agent) -> list[str]:
    return list(Notification.objects.filter(agent=agent).order_by("pk").values_list("about", flat=True))


def test_assigning_tells_the_other_but_not_oneself(company):
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    lead, representative = company.agent(Role.TEAM_LEAD), company.agent()
    assign(agent=lead, conversation_id=conversation.pk, assignee=representative)
    assign(agent=lead, conversation_id=conversation.pk, assignee=lead)
    react()
    assert told(representative) == ["assigned"]
    assert told(lead) == []
    assert LiveSignal.objects.filter(topic=f"agent:{representative.pk}").exists()


def test_a_mention_and_an_answer_of_the_customer_are_told(company):
    raw = world.receive(company.inbox, world.mail())
    conversation = world.conversation_of(raw)
    lead, representative, helper = (
        company.agent(Role.TEAM_LEAD),
        company.agent(),
        company.agent(Role.COLLABORATOR),
    )
    assign(agent=lead, conversation_id=conversation.pk, assignee=representative)
    add_note(
        agent=lead, conversation_id=conversation.pk, html="<p>canary</p>", mentioned_ids=[helper.pk, lead.pk]
    )
    react()
    assert told(helper) == ["mentioned"]
    assert told(lead) == []


def test_the_customers_answer_reaches_the_assignee_and_followers(company):
    from rapport.conversations.models import Follower

    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    lead, representative = company.agent(Role.TEAM_LEAD), company.agent()
    assign(agent=representative, conversation_id=conversation.pk, assignee=representative)
    Follower.objects.create(conversation=conversation, agent=lead)
    first = Entry.objects.get(kind="message.received")
    reactions.tell_owner(first)
    assert told(representative) == []
    first.payload["first"] = False
    reactions.tell_owner(first)
    reactions.tell_owner(first)
    assert (told(representative), told(lead)) == (["answered"], ["answered"])
    first.payload["automatic"] = True
    first.pk = 0
    reactions.tell_owner(first)
    assert told(representative) == ["answered"]


def test_a_reaction_that_runs_twice_tells_once(company):
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    representative = company.agent()
    assign(agent=company.agent(Role.TEAM_LEAD), conversation_id=conversation.pk, assignee=representative)
    entry = Entry.objects.get(kind="assigned")
    reactions.tell_assignee(entry)
    reactions.tell_assignee(entry)
    assert told(representative) == ["assigned"]


def test_a_mail_only_where_asked_for_and_without_any_word(company):
    conversation = world.conversation_of(world.receive(company.inbox, world.mail(subject="canary-subject")))
    helper = company.agent(Role.COLLABORATOR)
    lead = company.agent(Role.TEAM_LEAD)
    add_note(
        agent=lead, conversation_id=conversation.pk, html="<p>canary-note</p>", mentioned_ids=[helper.pk]
    )
    react()
    assert mail.outbox == []
    prefer(agent=helper, wishes={About.MENTIONED: {"mail": True}})
    add_note(
        agent=lead, conversation_id=conversation.pk, html="<p>canary-note</p>", mentioned_ids=[helper.pk]
    )
    react()
    assert len(mail.outbox) == 1
    written = str(mail.outbox[0].message())
    assert "canary" not in written
    assert f"/conversations/{conversation.number}" in written
    assert unread_count(helper) == 1


def test_an_inbox_in_trouble_is_told_once_to_those_responsible(company):
    report_trouble(inbox_id=company.inbox.pk, words="The password is wrong.")
    tell_inbox_trouble()
    tell_inbox_trouble()
    for role in Role:
        wanted = ["inbox"] if role in {Role.TEAM_LEAD, Role.MANAGER, Role.ADMINISTRATOR} else []
        assert told(company.agent(role)) == wanted


def test_the_bell_lists_counts_and_is_read(company):
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    representative = company.agent()
    assign(agent=company.agent(Role.TEAM_LEAD), conversation_id=conversation.pk, assignee=representative)
    react()
    client, stranger = Client(), Client()
    client.force_login(representative.account)
    stranger.force_login(company.agent(Role.SPECIALIST).account)
    assert "1</span>" in client.get("/notifications/count").content.decode()
    assert f"#{conversation.number}" in client.get("/notifications").content.decode()
    assert f"#{conversation.number}" not in stranger.get("/notifications").content.decode()
    stranger.post("/notifications/read")
    assert unread_count(representative) == 1
    client.post("/notifications/read", {"id": Notification.objects.get().pk})
    assert unread_count(representative) == 0


@pytest.mark.parametrize("about", About)
def test_the_bell_broke_for_whoever_was_told_of_a_forward(company, about):
    agent = company.agent()
    notify(agent_ids=[agent.pk], about=about, once="one", conversation_number=10001, inbox=company.inbox)
    client = Client()
    client.force_login(agent.account)
    assert sentence(Notification.objects.get()) in client.get("/notifications").content.decode()
    assert client.get("/notifications/count").status_code == 200


def test_notifications_named_nothing_but_a_number(company):
    shown = world.conversation_of(world.receive(company.inbox, world.mail()))
    hidden = world.conversation_of(
        world.receive(company.other_inbox, world.mail(to="workshop@refit.example", subject="Hidden"))
    )
    agent, client = company.agent(), Client()
    for conversation in (shown, hidden):
        number = conversation.number
        notify(agent_ids=[agent.pk], about=About.MENTIONED, once=f"m:{number}", conversation_number=number)
    client.force_login(agent.account)
    page = client.get("/notifications").content.decode()
    assert "Where is my parcel? · Ada Byron" in page
    assert f"#{hidden.number}" in page
    assert "Hidden" not in page
    assert page.count("#at-sign") == 2
