"""The demo's own pages: cards that sign in, mailboxes of customers, and the whole circle over real SMTP."""

import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile as SimpleUpload
from django.test import Client
from django.urls import reverse

from rapport.channels.email.models import EmailSettings, Outgoing, Security
from rapport.conversations.actions.record_delivery import record_sent
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Attachment, Conversation, Message
from rapport.demo import mailboxes, post
from rapport.demo.models import Built, CustomerMail
from rapport.inboxes.contract import Address, Receipt, RecipientResult
from rapport.inboxes.models import RawInbound
from rapport.kernel.clock import now, travel
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.queues import queue
from rapport.kernel.jobs.worker import drain
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from tests import world
from tests.world import World

ADA = "Ada Byron <ada@customer.example>"


@pytest.fixture
def demo(settings) -> None:
    settings.DEMO = True
    settings.UNDO_SECONDS = 0


@pytest.fixture
def company(db) -> World:
    Built.objects.create(at=now(), seed=1, until=now())
    return world.build()


def test_in_a_real_installation_the_setting_alone_opened_the_demos_sign_in(
    client: Client, demo: None, db: None
) -> None:
    agent = world.build().agent(Role.ADMINISTRATOR)
    for address in ("/demo", "/demo/mail", f"/demo/sign-in/{agent.pk}"):
        assert client.get(address).status_code == 404
    assert client.post(f"/demo/sign-in/{agent.pk}").status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("screen", ["/inbox/all", "/settings/teams"])
def test_whoever_had_chosen_a_card_found_no_way_back_to_the_cards(
    client: Client, demo: None, company: World, screen: str
) -> None:
    client.force_login(company.agent(Role.ADMINISTRATOR).account)
    assert 'href="/demo"' in client.get(screen).content.decode()


def test_a_real_installation_has_no_way_to_the_cards(client: Client, company: World) -> None:
    client.force_login(company.agent(Role.ADMINISTRATOR).account)
    assert 'href="/demo"' not in client.get("/inbox/all").content.decode()


@pytest.fixture
def mail_server(transactional_db, company: World) -> Iterator[World]:
    for inbox in (company.inbox, company.other_inbox):
        EmailSettings.objects.create(
            inbox=inbox, outgoing=Outgoing.SMTP, smtp_host=post.HOST, smtp_port=1, smtp_security=Security.NONE
        )
    stop = threading.Event()
    thread = threading.Thread(target=post.serve, args=(stop,))
    thread.start()
    deadline = time.monotonic() + 20
    while post.port() == 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    yield company
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def letter(**fields: str) -> dict[str, str]:
    return {
        "sender": ADA,
        "to": "support@velonord.example",
        "subject": "Which pump?",
        "text": "Hello, which pump fits my valve?",
    } | fields


ROUTES = [
    ("demo", []),
    ("demo-mail", []),
    ("demo-threads", []),
    ("demo-thread", [1]),
    ("demo-letters", [1]),
    ("demo-file", [1, 0]),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "args"), ROUTES)
def test_outside_the_demo_there_is_no_such_page(client, name, args):
    assert client.get(reverse(name, args=args)).status_code == 404


@pytest.mark.django_db
def test_outside_the_demo_no_card_signs_in(client, company):
    agent = company.agent(Role.ADMINISTRATOR)
    assert client.post(reverse("demo-sign-in", args=[agent.pk])).status_code == 404
    assert client.get("/", follow=False).status_code == 302


def test_one_click_signs_in_as_somebody(client, demo, company):
    page = client.get(reverse("demo")).content.decode()
    for agent in Agent.objects.all():
        assert agent.name in page
    agent = company.agent(Role.TEAM_LEAD)
    answer = client.post(reverse("demo-sign-in", args=[agent.pk]), {"next": "/search?q=pump"})
    assert answer.url == "/search?q=pump"
    assert client.session["_auth_user_id"] == str(agent.account_id)


def test_a_card_leads_to_no_other_site(client, demo, company):
    address = reverse("demo-sign-in", args=[company.agent().pk])
    for hostile in ("https://else.example/", "//else.example/", "javascript:alert(1)"):
        assert client.post(address, {"next": hostile}).url == "/"


def test_a_card_is_signed_against_other_sites(demo, company):
    address = reverse("demo-sign-in", args=[company.agent().pk])
    assert Client(enforce_csrf_checks=True).post(address).status_code == 403
    assert Client().get(address).status_code == 405


def test_a_customers_open_letter_survives_that_somebody_signs_in(demo, company):
    browser = Client(enforce_csrf_checks=True)
    people = browser.get(reverse("demo")).content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', people)[1]
    browser.get(reverse("demo-mail"))
    chosen = reverse("demo-sign-in", args=[company.agent().pk])
    assert browser.post(chosen, {"csrfmiddlewaretoken": token}).status_code == 302
    answer = browser.post(reverse("demo-mail"), letter(), headers={"Origin": "http://testserver"})
    assert answer.status_code == 200
    assert "has not started yet" in answer.content.decode()


@pytest.mark.parametrize("origin", ["https://else.example", "null", "http://testserver.else.example"])
def test_another_site_writes_no_customers_letter(demo, company, origin):
    answer = Client(enforce_csrf_checks=True).post(reverse("demo-mail"), letter(), headers={"Origin": origin})
    assert answer.status_code == 403


def test_nul_characters_are_taken_out_of_a_customers_letter(client, demo, company):
    page = client.post(reverse("demo-mail"), letter(sender="Ada\0 <ada\0@customer.example>", text="")).content
    assert "\0" not in page.decode()
    assert "Ada &lt;ada@customer.example&gt;" in page.decode()


def test_an_open_thread_shows_a_new_answer_by_itself(client, demo, company):
    mail = b"From: Shop <support@velonord.example>\r\nMessage-ID: <%d@velonord.example>\r\n%b\r\nHello %d"
    kept = mailboxes.keep("ada@customer.example", mail % (1, b"", 1), sent=False)
    page = client.get(reverse("demo-thread", args=[kept.pk])).content.decode()
    asked = re.search(r'hx-get="([^"]+/letters[^"]+)"', page)[1]
    assert client.get(asked).status_code == 204
    mailboxes.keep(
        "ada@customer.example", mail % (2, b"In-Reply-To: <1@velonord.example>\r\n", 2), sent=False
    )
    fresh = client.get(asked).content.decode()
    assert "Hello 1" in fresh
    assert "Hello 2" in fresh
    assert client.get(re.search(r'hx-get="([^"]+)"', fresh)[1]).status_code == 204


def test_a_disabled_person_cannot_be_chosen(client, demo, company):
    agent = company.agent()
    Agent.objects.filter(pk=agent.pk).update(active=False)
    assert agent.name not in client.get(reverse("demo")).content.decode()
    assert client.post(reverse("demo-sign-in", args=[agent.pk])).status_code == 404


@pytest.mark.parametrize(
    "sender", ["", "nobody", "a@b.example, c@d.example", "support@velonord.example", "MANAGER@staff.example"]
)
def test_only_a_customer_can_write(client, demo, company, sender):
    answer = client.post(reverse("demo-mail"), letter(sender=sender))
    assert answer.status_code == 200
    assert "data-invalid" in answer.content.decode()
    assert not CustomerMail.objects.exists()


def test_without_a_mail_server_the_page_says_so_and_keeps_the_text(client, demo, company):
    page = client.post(reverse("demo-mail"), letter()).content.decode()
    assert "has not started yet" in page
    assert "which pump fits my valve" in page


def test_a_hostile_mail_is_shown_harmless(client, demo, company):
    hostile = (
        b"From: Shop <support@velonord.example>\r\nTo: ada@customer.example\r\n"
        b"Subject: <script>a</script>\r\n"
        b"Message-ID: <1@velonord.example>\r\nContent-Type: text/html\r\n\r\n"
        b"<p onclick='x()'>Hello<script>alert(1)</script><img src='https://track.example/1.gif'></p>"
    )
    kept = mailboxes.keep("ada@customer.example", hostile, sent=False)
    page = client.get(reverse("demo-thread", args=[kept.pk])).content.decode()
    assert "Hello" in page
    for danger in ("<script>a", "<script>alert", "onclick", "track.example"):
        assert danger not in page


def test_the_same_mail_is_kept_once(company):
    content = b"From: a@b.example\r\nMessage-ID: <1@b.example>\r\n\r\nHi"
    mailboxes.keep("ada@customer.example", content, sent=False)
    mailboxes.keep("Ada@Customer.example", content, sent=False)
    assert CustomerMail.objects.count() == 1


def test_a_file_whose_name_held_a_line_break_could_not_be_sent(client, demo, mail_server):
    upload = {"file": SimpleUpload("the long%0D%0Aone.txt", b"words")}
    assert client.post(reverse("demo-mail"), letter() | upload).status_code == 302
    drain(["ingest", "reactions"])
    assert Attachment.objects.get().name == "the longone.txt"


@pytest.mark.django_db(transaction=True)
def test_the_whole_circle(client, demo, mail_server):
    upload = {"file": SimpleUpload("photo.txt", b"a photo of the valve")}
    written = client.post(reverse("demo-mail"), letter() | upload)
    assert written.status_code == 302
    drain(["ingest", "reactions"])
    conversation = Conversation.objects.get()
    assert conversation.subject == "Which pump?"
    assert conversation.customer.name == "Ada Byron"
    assert conversation.has_files

    staff = Client()
    staff.post(reverse("demo-sign-in", args=[mail_server.agent(Role.SPECIALIST).pk]))
    assert "which pump fits" in staff.get(f"/conversations/{conversation.number}").content.decode()
    staff.post(
        f"/conversations/{conversation.number}/reply",
        {
            "html": "<div>The small one. <b>Have a good ride!</b></div>",
            "to": "ada@customer.example",
            "token": conversation.last_seq,
        },
    )
    drain(["delivery"])
    assert set(Message.objects.get(direction="out").deliveries.values_list("state", flat=True)) == {
        State.DONE
    }

    received = CustomerMail.objects.get(sent=False)
    assert received.mailbox == "ada@customer.example"
    thread = client.get(reverse("demo-thread", args=[received.pk])).content.decode()
    assert "The small one." in thread
    assert "which pump fits my valve" in thread
    listed = client.get(reverse("demo-threads"), {"as": ADA}).content.decode()
    assert listed.count("Which pump?") == 1

    answered = client.post(reverse("demo-thread", args=[received.pk]), {"text": "Thank you, it fits!"})
    assert answered.status_code == 302
    drain(["ingest", "reactions"])
    conversation.refresh_from_db()
    assert conversation.message_count == 3
    assert conversation.status == "open"
    last = Message.objects.filter(direction="in").latest("pk")
    assert last.text == "Thank you, it fits!"
    assert not last.unverified
    assert Conversation.objects.count() == 1
    assert RawInbound.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_mail_to_nowhere_fails_where_the_agent_sees_it(client, demo, mail_server):
    client.post(reverse("demo-mail"), letter(sender=f"ada@{post.NOWHERE}"))
    drain(["ingest"])
    conversation = Conversation.objects.get()
    staff = Client()
    staff.post(reverse("demo-sign-in", args=[mail_server.agent(Role.SPECIALIST).pk]))
    staff.post(
        f"/conversations/{conversation.number}/reply",
        {"html": "<p>Hello</p>", "to": f"ada@{post.NOWHERE}", "token": conversation.last_seq},
    )
    drain(["delivery"])
    conversation.refresh_from_db()
    assert conversation.delivery_failed
    assert conversation.status == "open"


def test_a_mailbox_holds_what_was_written_before_the_demo(demo: None, company: World, client: Client) -> None:
    agent = company.agent(Role.TEAM_LEAD)
    with travel(now() - timedelta(days=30)):
        talk = world.conversation_of(world.receive(company.inbox, world.mail()))
        answer = Answer(html="<p>It comes <b>tomorrow</b>.</p>", to=(Address("ada@customer.example", "Ada"),))
        reply(agent=agent, conversation_id=talk.pk, answer=answer, token=talk.last_seq, undo=timedelta(0))
        due = claim(queue("delivery").rows(), limit=1, lease=timedelta(minutes=1), worker="test")
        said = RecipientResult(address="ada@customer.example", accepted=True)
        record_sent(delivery=due[0], receipt=Receipt(recipients=(said,)))
    address = f"{reverse('demo-mail')}?as=ada@customer.example"
    for _ in range(2):
        page = client.get(address).content.decode()
    assert page.count("Where is my parcel?") == 1
    kept = CustomerMail.objects.filter(mailbox="ada@customer.example").order_by("at", "pk")
    assert [mail.sent for mail in kept] == [True, False]
    assert kept[0].thread == kept[1].thread
    letters = client.get(reverse("demo-thread", args=[kept[0].pk])).content.decode()
    assert "It comes <b>tomorrow</b>." in letters or "It comes <strong>tomorrow</strong>." in letters
    assert kept[0].at < now() - timedelta(days=29)
