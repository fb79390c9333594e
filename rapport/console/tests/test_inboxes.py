from datetime import timedelta

import pytest

from rapport.channels.email.models import EmailSettings, HistoryImport
from rapport.channels.email.tests.scripted_smtp import Script, smtp_server
from rapport.conversations.models import Conversation
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Inbox
from rapport.kernel import clock
from rapport.kernel.clock import now
from rapport.kernel.jobs.worker import drain
from rapport.staff.models import AuditEntry, AuditWords
from rapport.staff.roles import Role
from tests import world

pytestmark = pytest.mark.django_db
SECRET = "canary-secret-word"


@pytest.fixture
def company(client):
    made = world.build()
    client.force_login(made.agent(Role.ADMINISTRATOR).account)
    return made


def connection(**changes: str) -> dict[str, str]:
    return {
        "incoming": "imap",
        "imap_host": "127.0.0.1",
        "imap_port": "1",
        "imap_security": "none",
        "imap_user": "support",
        "imap_secret": SECRET,
        "imap_folders": "INBOX, Orders",
        "after_read": "leave",
        "history": "from_now",
        "history_days": "30",
        "outgoing": "smtp",
        "smtp_host": "127.0.0.1",
        "smtp_port": "1",
        "smtp_security": "none",
        "smtp_user": "",
        "smtp_secret": "",
    } | changes


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
    assert answer.url == f"/settings/inboxes/{inbox.pk}/connection"
    assert inbox.address == "returns@velonord.example"
    assert client.get(answer.url).status_code == 200
    assert "Returns" in client.get("/settings/inboxes").content.decode()


def test_a_secret_is_kept_encrypted_and_never_shown(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    assert client.post(address, connection()).status_code == 302
    settings = EmailSettings.objects.get()
    assert (settings.imap_secret, settings.imap_folders) == (SECRET, ["INBOX", "Orders"])
    assert SECRET not in client.get(address).content.decode()
    assert SECRET not in str(list(AuditWords.objects.values()))
    assert SECRET not in client.get("/settings/audit").content.decode()
    client.post(address, connection(imap_secret="", imap_user="other"))
    settings.refresh_from_db()
    assert (settings.imap_secret, settings.imap_user) == (SECRET, "other")
    assert list(AuditEntry.objects.values_list("kind", flat=True)) == ["inbox.connected", "inbox.connected"]


def test_the_test_says_in_words_what_is_wrong(client, company):
    answer = client.post(f"/settings/inboxes/{company.inbox.pk}/connection", connection(test="1"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "the test found something" in page
    assert page.count("127.0.0.1") >= 3


def test_a_failed_test_says_whether_receiving_or_sending_failed(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    page = client.post(address, connection(test="1")).content.decode()
    assert (page.count("Receiving (IMAP):"), page.count("Sending (SMTP):")) == (1, 1)
    page = client.post(address, connection(incoming="server", test="1")).content.decode()
    assert (page.count("Receiving (IMAP):"), page.count("Sending (SMTP):")) == (0, 1)
    with smtp_server(Script()) as script:
        sends = connection(smtp_port=str(script.port), test="1")
        page = client.post(address, sends).content.decode()
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
        working = connection(incoming="server", smtp_port=str(script.port), test="1")
        page = client.post(address, working).content.decode()
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
        client.post(address, working | {"smtp_port": str(script.port)})
        assert script.mails == []
        client.post(f"/settings/inboxes/{company.inbox.pk}/plus-address")
        assert len(script.mails) == 1
    assert "Sent, waiting" in client.get(address).content.decode()


def test_a_plus_address_that_the_mail_server_refuses_is_said(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    with smtp_server(Script({"RCPT TO:<support+": "550 5.1.1 no such person"})) as script:
        working = connection(incoming="server", smtp_port=str(script.port), test="1")
        page = client.post(address, working).content.decode()
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
    answer = client.post(f"/settings/inboxes/{company.inbox.pk}/connection", connection(test="1"))
    assert "127.0.0.1 lehnt die Verbindung ab" in answer.content.decode()
