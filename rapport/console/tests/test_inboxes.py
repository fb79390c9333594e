from dataclasses import replace
from datetime import timedelta

import pytest

from rapport.channels.email.models import EmailSettings, HistoryImport
from rapport.channels.email.tests.scripted_smtp import Script, smtp_server
from rapport.console.tests.connections import connection, tried
from rapport.conversations.models import Conversation
from rapport.inboxes.actions.delete_inbox import delete_inbox
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.actions.trouble import report_trouble
from rapport.inboxes.models import Inbox
from rapport.kernel import clock
from rapport.kernel.clock import now
from rapport.kernel.jobs.hold import hold
from rapport.kernel.jobs.worker import drain
from rapport.staff.authority import NotAllowed
from rapport.staff.models import AuditEntry
from rapport.staff.roles import Role
from tests import world

pytestmark = pytest.mark.django_db


def test_an_inbox_is_added_and_then_connected(client, company):
    answer = client.post(
        "/settings/inboxes/new",
        {
            "name": "Returns",
            "address": "Returns@VeloNord.example",
            "brand": company.brand.pk,
            "team": company.team.pk,
        },
    )
    inbox = Inbox.objects.get(name="Returns")
    assert answer.url == f"/settings/inboxes/{inbox.pk}/provider"
    assert inbox.address == "returns@velonord.example"
    assert client.get(answer.url).status_code == 200
    assert "Returns" in client.get("/settings/inboxes").content.decode()


def test_an_inbox_left_before_its_connection_was_said_to_work(client, company):
    company.other_inbox.delete()
    page = client.get("/settings/inboxes").content.decode()
    assert "Not connected yet" in page
    assert f'href="/settings/inboxes/{company.inbox.pk}/provider"' in page
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    client.post(address, connection(outgoing="none"))
    assert "No mail goes out" in client.get("/settings/inboxes").content.decode()
    client.post(address, connection(incoming="none"))
    assert "No mail comes in" in client.get("/settings/inboxes").content.decode()
    client.post(address, connection())
    page = client.get("/settings/inboxes").content.decode()
    assert "Works" in page
    assert "No mail" not in page


@pytest.mark.parametrize("name", ["imap_host", "imap_user", "smtp_host"])
def test_an_empty_mail_server_was_saved_and_tested(client, company, name):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    answer = client.post(address, connection(test="1", **{name: ""}))
    assert answer.status_code == 422
    assert "It does not work without this." in answer.content.decode()
    assert client.post(address, connection(incoming="none", outgoing="none", **{name: ""})).status_code == 200


@pytest.mark.parametrize(
    ("incoming", "words"), [("none", "No mail comes in"), ("server", "only a mail can show that")]
)
def test_an_inbox_without_any_way_was_tested_and_works(client, company, incoming, words):
    page = tried(client, company.inbox, connection(incoming=incoming, outgoing="none"))
    result = page[page.index('id="connection-result"') :]
    assert "can come in" not in result
    assert "There was nothing to test." in result
    assert words in result
    assert "No mail goes out" in result


def test_what_a_mail_server_does_not_offer_was_said_with_two_periods(client, company):
    with smtp_server(Script()) as script:
        sends = connection(incoming="none", smtp_port=str(script.port), smtp_security="starttls")
        page = tried(client, company.inbox, sends)
    assert "does not offer what is set" in page
    assert ".." not in page[page.index("does not offer") :].partition("</li>")[0]


def test_the_trouble_of_a_former_connection_stayed_on_top(client, company):
    report_trouble(inbox_id=company.inbox.pk, words="The mailbox is away.")
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    assert "The mailbox is away." in client.get(address).content.decode()
    client.post(address, connection(incoming="none"))
    assert "The mailbox is away." not in client.get(address).content.decode()


def test_the_page_hung_without_a_word_while_the_connection_was_tried(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    with smtp_server(Script()) as script:
        form = connection(incoming="none", smtp_port=str(script.port), test="1")
        page = client.post(address, form).content.decode()
    assert script.commands == []
    result = page[page.index('id="connection-result"') :]
    assert "is being tried" in result
    assert f'hx-post="{address}/test"' in result
    assert EmailSettings.objects.get().smtp_port == script.port


def test_an_old_trouble_stood_on_top_of_what_was_refused_at_the_bottom(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    client.post(address, connection())
    report_trouble(inbox_id=company.inbox.pk, words="The mailbox is away.")
    answer = client.post(address, connection(imap_host="127.0.0.2", imap_secret="", test="1"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The mailbox is away." not in page
    assert '<a href="#id_imap_secret">' in page[page.index('id="connection-result"') :]
    field = page[page.index('id="id_imap_secret"') :][:900]
    assert "Enter this again" in field
    assert "Leave empty to keep it" not in field


def test_the_test_says_in_words_what_is_wrong(client, company):
    page = tried(client, company.inbox, connection())
    assert "the test found something" in page
    assert page.count("127.0.0.1") >= 3


def test_a_failed_test_says_whether_receiving_or_sending_failed(client, company):
    page = tried(client, company.inbox, connection())
    assert (page.count("Receiving (IMAP):"), page.count("Sending (SMTP):")) == (1, 1)
    page = tried(client, company.inbox, connection(incoming="server"))
    assert (page.count("Receiving (IMAP):"), page.count("Sending (SMTP):")) == (0, 1)
    with smtp_server(Script()) as script:
        page = tried(client, company.inbox, connection(smtp_port=str(script.port)))
    assert (page.count("Receiving (IMAP):"), page.count("Sending (SMTP):")) == (1, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("imap_port", "0"),
        ("imap_port", "70000"),
        ("smtp_port", "x"),
        ("incoming", "telepathy"),
        ("history_days", "-1"),
    ],
)
def test_impossible_settings_are_refused(client, company, field, value):
    answer = client.post(f"/settings/inboxes/{company.inbox.pk}/connection", connection(**{field: value}))
    assert answer.status_code == 422
    assert not EmailSettings.objects.exists()


def test_a_pattern_that_cannot_be_used_is_refused(client, company):
    answer = client.post(
        f"/settings/inboxes/{company.inbox.pk}/connection", connection(customer_pattern="no place for it")
    )
    assert answer.status_code == 422
    assert not EmailSettings.objects.exists()


@pytest.mark.parametrize(("port", "words"), [(8024, "127.0.0.1:8024"), (0, "RAPPORT_LMTP_PORT")])
def test_a_mail_server_was_chosen_without_a_word_where_it_delivers(client, company, settings, port, words):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, lmtp_port=port)
    page = client.get(f"/settings/inboxes/{company.inbox.pk}/connection").content.decode()
    assert words in page
    assert f"rapport receive --recipient {company.inbox.address}" in page


def test_rules_of_form_mails_had_names_that_explained_nothing(client, company):
    page = client.get(f"/settings/inboxes/{company.inbox.pk}/connection").content.decode()
    for name in ("authserv_id", "spam_header", "form_sender", "customer_pattern"):
        assert f'id="id_{name}_helptext"' in page


def test_an_address_is_taken_once(client, company):
    answer = client.post(
        f"/settings/inboxes/{company.inbox.pk}",
        {
            "name": "X",
            "address": company.other_inbox.address,
            "brand": company.brand.pk,
            "team": company.team.pk,
        },
    )
    assert answer.status_code == 422


def test_a_second_inbox_and_team_of_the_same_name_could_not_be_told_apart(client, company):
    basics = {"name": " support ", "brand": company.brand.pk, "team": company.team.pk}
    twin = client.post("/settings/inboxes/new", basics | {"address": "x@velonord.example"})
    assert (twin.status_code, "already has an inbox of this name" in twin.content.decode()) == (422, True)
    own = basics | {"address": company.inbox.address}
    assert client.post(f"/settings/inboxes/{company.inbox.pk}", own).status_code == 302
    assert client.post("/settings/teams/new", {"name": " service "}).status_code == 422
    assert client.post(f"/settings/teams/{company.team.pk}", {"name": "service"}).status_code == 302


def test_an_inbox_is_stopped_and_started(client, company):
    for active in (False, True):
        client.post(f"/settings/inboxes/{company.inbox.pk}/active")
        company.inbox.refresh_from_db()
        assert company.inbox.active is active


def test_earlier_mail_is_paused_and_goes_on(client, company):
    row = HistoryImport.objects.create(inbox=company.inbox, until=now(), started_at=now(), total=10, done=4)
    address = f"/settings/inboxes/{company.inbox.pk}/history"
    client.post(address)
    row.refresh_from_db()
    assert row.state == "paused"
    client.post(address, {"run": "1"})
    row.refresh_from_db()
    assert row.state == "running"
    assert "4 of 10" in client.get(f"/settings/inboxes/{company.inbox.pk}/connection").content.decode()


def test_a_working_test_also_sends_a_mail_to_a_plus_address_and_says_where_it_stands(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    with smtp_server(Script()) as script:
        working = connection(incoming="server", smtp_port=str(script.port))
        page = tried(client, company.inbox, working)
    assert "Saved and tested" in page
    assert "Sent, waiting" in page
    [sent] = script.mails
    assert b"support+t." in sent
    with clock.travel(now() + timedelta(minutes=11)):
        assert "Not arrived yet" in client.get(address).content.decode()
    store_raw(inbox=company.inbox, content=sent, source="lmtp")
    world.ingest()
    assert "Proven" in client.get(address).content.decode()
    with smtp_server(Script()) as script:
        tried(client, company.inbox, working | {"smtp_port": str(script.port)})
        assert script.mails == []
        client.post(f"/settings/inboxes/{company.inbox.pk}/plus-address")
        assert len(script.mails) == 1
    assert "Sent, waiting" in client.get(address).content.decode()


def test_a_restored_copy_tests_a_connection_without_sending(client, company):
    hold("restored from copy.tar")
    with smtp_server(Script()) as script:
        page = tried(client, company.inbox, connection(incoming="server", smtp_port=str(script.port)))
        client.post(f"/settings/inboxes/{company.inbox.pk}/plus-address")
    assert "Saved and tested" in page
    assert script.mails == []


def test_a_plus_address_that_the_mail_server_refuses_is_said(client, company):
    with smtp_server(Script({"RCPT TO:<support+": "550 5.1.1 no such person"})) as script:
        page = tried(client, company.inbox, connection(incoming="server", smtp_port=str(script.port)))
    assert "no such person" in page
    assert "Not tried yet" in page


def test_earlier_mail_is_taken_back_after_a_question(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/history/undo"
    assert client.get(address).status_code == 404
    HistoryImport.objects.create(inbox=company.inbox, until=now(), started_at=now(), total=1, done=1)
    store_raw(inbox=company.inbox, content=world.mail(), source="imap", origin="import")
    world.ingest()
    connect_page = f"/settings/inboxes/{company.inbox.pk}/connection"
    assert address in client.get(connect_page).content.decode()
    assert "1 conversation that" in client.get(address).content.decode()
    assert Conversation.objects.get().deleted_at is None
    answer = client.post(address, follow=True)
    assert "being taken back" in answer.content.decode()
    drain(["jobs"])
    assert Conversation.objects.get().deleted_at is not None
    page = client.get(connect_page).content.decode()
    assert "Taken back" in page
    assert address not in page


def test_the_words_of_a_failed_test_are_in_the_language_of_the_reader(client, company):
    agent = company.agent(Role.ADMINISTRATOR)
    agent.language = "de"
    agent.save()
    client.post(f"/settings/inboxes/{company.inbox.pk}/connection", connection())
    page = client.post(f"/settings/inboxes/{company.inbox.pk}/connection/test").content.decode()
    assert "127.0.0.1 lehnt die Verbindung ab" in page


def test_what_a_choice_needs_no_more_is_marked_for_the_style_sheet(client, boss):
    from rapport.console.forms.inboxes import ConnectForm
    from rapport.console.views.inboxes import NEEDS

    assert set(NEEDS) <= set(ConnectForm.base_fields)


def test_an_inbox_that_was_made_by_mistake_could_only_be_stopped(client, company):
    address = f"/settings/inboxes/{company.other_inbox.pk}/delete"
    EmailSettings.objects.create(inbox=company.other_inbox, imap_secret="secret")
    assert address in client.get(f"/settings/inboxes/{company.other_inbox.pk}").content.decode()
    assert f"Delete {company.other_inbox.name}?" in client.get(address).content.decode()
    assert Inbox.objects.filter(pk=company.other_inbox.pk).exists()
    assert "Deleted." in client.post(address, follow=True).content.decode()
    assert not Inbox.objects.filter(pk=company.other_inbox.pk).exists()
    assert not EmailSettings.objects.exists()
    entry = AuditEntry.objects.get(kind="inbox.deleted")
    assert entry.words.before["address"] == company.other_inbox.address
    shown = client.get("/settings/audit").content.decode()
    assert "deleted an inbox" in shown
    assert company.other_inbox.name in shown


@pytest.mark.parametrize("came", ["a mail that nobody has read yet", "a conversation"])
def test_an_inbox_that_has_something_stays_and_says_why(client, company, came):
    store_raw(inbox=company.inbox, content=world.mail(), source="lmtp")
    if came == "a conversation":
        world.ingest()
    address = f"/settings/inboxes/{company.inbox.pk}/delete"
    page = client.get(f"/settings/inboxes/{company.inbox.pk}").content.decode()
    assert (address in page, "It can be stopped." in page) == (False, True)
    assert client.get(address).status_code == 404
    assert "can only be stopped" in client.post(address, follow=True).content.decode()
    assert Inbox.objects.filter(pk=company.inbox.pk).exists()


def test_an_inbox_is_deleted_by_who_may_change_settings_alone(company):
    with pytest.raises(NotAllowed):
        delete_inbox(actor=company.agent(Role.TEAM_LEAD), inbox=company.other_inbox)
    assert Inbox.objects.filter(pk=company.other_inbox.pk).exists()
