"""What lies in a tray can be read there, and every mail in it can become a conversation."""

import pytest
from django.test import Client

from rapport.channels.ingest.queue import died
from rapport.conversations.models import Conversation, ConversationLink, Message, Status
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import WITHHELD, Outcome, RawInbound
from rapport.kernel.files.storage import path_of
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.queues import queue
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, ingest, mail, receive

FROM_A_SERVER = (
    b"From: Postmaster <postmaster@customer.example>\r\nSubject: Undeliverable Mail\r\n"
    b"Message-ID: <p1@customer.example>\r\n\r\n"
    b"Your mails to us are rejected. <b>Please</b> call Berta about order 77.\r\n\r\n"
    b"--- Below this line is a copy of the message.\r\n\r\nReceived: from shop.example\r\n"
)


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent(Role.TEAM_LEAD))


def test_a_mail_taken_for_a_bounce_can_be_read_and_rescued(company: World, client: Client) -> None:
    raw = receive(company.inbox, FROM_A_SERVER)
    assert raw.outcome == Outcome.NOTED
    assert "order 77" not in client.get("/trays/noted").content.decode()
    page = client.get(f"/trays/noted?show={raw.pk}").content.decode()
    assert "&lt;b&gt;Please&lt;/b&gt; call Berta about order 77." in page
    answer = client.post(f"/trays/{raw.pk}/decision", {"act": "new", "back": "noted"})
    conversation = Conversation.objects.get()
    assert answer["Location"] == f"/trays/noted?placed={conversation.number}"
    assert conversation.waiting_since is not None
    message = Message.objects.get()
    assert (message.raw, message.automatic) == (raw, False)
    base = f"/conversations/{conversation.number}/messages/{message.pk}"
    assert "order 77" in client.get(f"{base}/original").content.decode()


@pytest.mark.parametrize(
    ("tray", "outcome"),
    [
        ("belongs-to", Outcome.QUARANTINED),
        ("noted", Outcome.NOTED),
        ("noted", Outcome.DUPLICATE),
        ("dismissed", Outcome.DISMISSED),
    ],
)
def test_no_tray_is_blind(company: World, client: Client, tray: str, outcome: Outcome) -> None:
    raw = receive(company.inbox, mail(sender="manager@staff.example", text="Words of the mail"))
    RawInbound.objects.filter(pk=raw.pk).update(outcome=outcome)
    page = client.get(f"/trays/{tray}?show={raw.pk}").content.decode()
    assert "Words of the mail" in page
    assert 'value="new"' in page
    assert client.get(f"/trays/{raw.pk}/source").content.endswith(b"Words of the mail\n")
    client.post(f"/trays/{raw.pk}/decision", {"act": "new", "back": tray})
    assert Message.objects.get().text == "Words of the mail"


def test_a_mail_that_nobody_could_read_is_not_read_on_the_screen(company: World, client: Client) -> None:
    raw = receive(company.inbox, mail(sender="manager@staff.example", text="Words of the mail"))
    RawInbound.objects.filter(pk=raw.pk).update(outcome=Outcome.POISON)
    page = client.get(f"/trays/refused?show={raw.pk}").content.decode()
    assert "Words of the mail" not in page
    assert f"/trays/{raw.pk}/source" in page


def poison(company: World, text: str = "Words of the mail") -> RawInbound:
    """A mail that ended the program each time it was read."""
    raw = store_raw(
        inbox=company.inbox, content=mail(sender="manager@staff.example", text=text), source="pipe"
    )
    reading = queue("ingest")
    (claimed,) = claim(reading.rows(), limit=1, lease=reading.lease, worker="test", order=reading.order)
    died(claimed)
    raw.refresh_from_db()
    return raw


def test_a_dismissed_mail_that_ends_the_program_was_read_on_the_screen(
    company: World, client: Client
) -> None:
    raw = poison(company)
    client.post(f"/trays/{raw.pk}/decision", {"act": "dismiss", "back": "refused"})
    page = client.get(f"/trays/dismissed?show={raw.pk}").content.decode()
    assert "Words of the mail" not in page
    assert f"/trays/{raw.pk}/source" in page
    assert 'value="new"' not in page
    answer = client.post(f"/trays/{raw.pk}/decision", {"act": "new", "back": "dismissed"}, follow=True)
    assert "There is no readable message in it." in answer.content.decode()
    assert not Message.objects.exists()


def test_a_mail_that_ends_the_program_was_said_to_be_decided_about(company: World, client: Client) -> None:
    raw = poison(company)
    answer = client.post(f"/trays/{raw.pk}/decision", {"act": "new", "back": "refused"}, follow=True)
    assert "There is no readable message in it." in answer.content.decode()


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.POISON])
def test_what_could_not_be_read_could_not_be_read_again_once_dismissed(
    company: World, client: Client, outcome: Outcome
) -> None:
    raw = poison(company)
    RawInbound.objects.update(outcome=outcome)
    client.post(f"/trays/{raw.pk}/decision", {"act": "dismiss", "back": "refused"})
    assert 'value="retry"' in client.get("/trays/dismissed").content.decode()
    client.post(f"/trays/{raw.pk}/decision", {"act": "retry", "back": "dismissed"})
    (read,) = ingest()
    assert read.outcome == Outcome.QUARANTINED


def test_a_mail_that_is_being_read_again_was_read_here_too(company: World, client: Client) -> None:
    raw = poison(company, "z" * 90_000)
    assert raw.file is not None
    path_of(raw.file.key).unlink()
    client.post(f"/trays/{raw.pk}/decision", {"act": "retry", "back": "refused"})
    answer = client.post(f"/trays/{raw.pk}/decision", {"act": "new", "back": "refused"}, follow=True)
    assert "The mail is being read at this moment." in answer.content.decode()


def test_a_mail_that_somebody_has_placed_is_not_placed_again(company: World, client: Client) -> None:
    raw = receive(company.inbox, mail(sender="manager@staff.example", text="z" * 90_000))
    for _ in range(2):
        answer = client.post(f"/trays/{raw.pk}/decision", {"act": "new"}, follow=True)
    assert "Somebody has decided about it already." in answer.content.decode()
    assert Message.objects.filter(raw=raw).count() == 1


@pytest.mark.parametrize("act", ["", "new"])
def test_a_mail_whose_file_is_damaged_broke_the_page(company: World, client: Client, act: str) -> None:
    raw = receive(company.inbox, mail(sender="manager@staff.example", text="z" * 90_000))
    assert raw.file is not None
    path_of(raw.file.key).unlink()
    if act:
        answer = client.post(f"/trays/{raw.pk}/decision", {"act": act}, follow=True)
    else:
        answer = client.get(f"/trays/{raw.pk}/source", follow=True)
    assert answer.redirect_chain == [("/trays/belongs-to", 302)]
    assert "The stored file of this mail is missing or damaged." in answer.content.decode()
    assert RawInbound.objects.get().outcome == Outcome.QUARANTINED


def test_what_only_names_a_mail_was_offered_as_the_original(company: World, client: Client) -> None:
    raw = poison(company)
    RawInbound.objects.update(source=WITHHELD)
    page = client.get("/trays/refused").content.decode()
    assert ('value="retry"' in page, f"/trays/{raw.pk}/source" in page) == (True, False)
    assert client.get(f"/trays/{raw.pk}/source").status_code == 404


def test_the_words_in_a_tray_of_another_team_stay_there(company: World) -> None:
    raw = receive(company.other_inbox, mail(sender="manager@staff.example", to="workshop@refit.example"))
    lead, agent = signed_in(company.agent(Role.TEAM_LEAD)), signed_in(company.agent())
    assert "where is my parcel" not in lead.get(f"/trays?show={raw.pk}").content.decode()
    assert lead.get(f"/trays/{raw.pk}/source").status_code == 404
    assert agent.get(f"/trays/{raw.pk}/source").status_code == 403


@pytest.mark.parametrize("gone", [{"status": Status.CLOSED}, {"deleted_at": "2026-01-01T00:00:00Z"}])
def test_a_mail_put_into_a_closed_conversation_is_seen(
    company: World, client: Client, gone: dict[str, str]
) -> None:
    old = conversation_of(receive(company.inbox, mail()))
    Conversation.objects.filter(pk=old.pk).update(**gone)
    raw = receive(company.inbox, mail(sender="manager@staff.example", text="Once more"))
    answer = client.post(f"/trays/{raw.pk}/decision", {"act": "move", "number": str(old.number)})
    fresh = conversation_of(raw)
    assert fresh != old
    assert fresh.status == Status.NEW
    assert ConversationLink.objects.get().target_id == old.pk
    page = client.get(answer["Location"]).content.decode()
    assert f"#{old.number} is closed or deleted" in page
    assert f'href="/conversations/{fresh.number}"' in page


def test_a_mail_put_into_a_solved_conversation_opens_it(company: World, client: Client) -> None:
    old = conversation_of(receive(company.inbox, mail()))
    Conversation.objects.filter(pk=old.pk).update(status=Status.SOLVED)
    note = mail(subject="Re: Where", text="I am away", Auto_Submitted="auto-replied")
    raw = receive(company.inbox, note)
    assert raw.outcome == Outcome.NOTED
    client.post(f"/trays/{raw.pk}/decision", {"act": "move", "number": str(old.number)})
    old.refresh_from_db()
    assert old.status == Status.OPEN


def test_a_link_put_words_into_the_red_banner(company: World, client: Client) -> None:
    assert "Call 0190" not in client.get("/trays/belongs-to?error=Call+0190").content.decode()
    raw = receive(company.inbox, mail())
    answer = client.post(f"/trays/{raw.pk}/decision", {"act": "move", "number": "99", "back": "noted"})
    assert answer["Location"] == "/trays/noted"
    assert "There is no such conversation." in client.get("/trays/noted").content.decode()
    assert "There is no such conversation." not in client.get("/trays/noted").content.decode()


def test_a_dismissed_mail_vanished_without_a_word(company: World, client: Client) -> None:
    raw = receive(company.inbox, mail())
    RawInbound.objects.filter(pk=raw.pk).update(outcome=Outcome.QUARANTINED)
    answer = client.post(f"/trays/{raw.pk}/decision", {"act": "dismiss"}, follow=True)
    assert "The mail is kept in the tray" in answer.content.decode()


@pytest.mark.parametrize(
    ("tray", "words"),
    [
        ("belongs-to", "nobody can place for certain"),
        ("refused", "could not be read"),
        ("noted", "needs nothing"),
        ("dismissed", "was dismissed"),
    ],
)
def test_every_empty_tray_said_what_is_true_of_one(client: Client, tray: str, words: str) -> None:
    page = client.get(f"/trays/{tray}").content.decode()
    assert words in page[page.index("This tray is empty") :]


def test_a_mail_being_read_again_was_shown_as_gone(company: World, client: Client) -> None:
    raw = poison(company)
    asked = {"act": "retry", "back": "refused"}
    page = client.post(f"/trays/{raw.pk}/decision", asked, follow=True).content.decode()
    assert "It is being read again. Whatever comes of it shows in a moment." in page
