"""SEC-18: machines that answer machines. All that comes in is kept, hardly anything goes out, it ends."""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.parse import Limits
from rapport.channels.email.reactions import confirm_receipt
from rapport.channels.email.reading import Known, read
from rapport.channels.email.verdicts import Context
from rapport.conversations.models import Conversation, Delivery, Entry
from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.models import Outcome, RawInbound
from rapport.kernel import clock
from tests.security.acting import all_wires, answer_to, read_mail
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db
ROUNDS = 30


@pytest.fixture
def asking(company: World) -> World:
    """Both inboxes confirm receipt automatically."""
    for inbox in (company.inbox, company.other_inbox):
        EmailSettings.objects.create(inbox=inbox, acknowledge=True)
    return company


def react() -> None:
    for entry in Entry.objects.filter(kind="message.received"):
        confirm_receipt(entry)


def automatic() -> int:
    return Delivery.objects.filter(message__automatic=True).count()


def returned(
    content: bytes, *, subject: str = "", headers: dict[str, str] | None = None, number: int = 0
) -> bytes:
    """What a machine at the other end writes back to a mail of ours."""
    ours = read_mail(content)
    answer = EmailMessage()
    answer["From"], answer["To"] = ours["To"].addresses[0].addr_spec, ours["From"].addresses[0].addr_spec
    answer["Subject"] = subject or f"Re: {ours['Subject']}"
    answer["Message-ID"] = f"<robot.{number}@robot.example>"
    answer["In-Reply-To"] = answer["References"] = ours["Message-ID"]
    for name, value in (headers or {}).items():
        answer[name] = value
    answer.set_content(f"Thank you for mail {number}. We will answer soon.")
    return answer.as_bytes()


def test_another_installation_sees_that_a_machine_wrote_and_stays_silent(asking: World) -> None:
    receive(asking.inbox, mail(sender="support@other-shop.example"))
    react()
    (ours,) = all_wires()
    theirs = Known(
        limits=Limits(),
        key=b"k" * 32,
        plus_key=b"p" * 32,
        context=Context(own_addresses=frozenset({"support@other-shop.example"})),
    )
    read_there = read(ours, theirs)
    assert isinstance(read_there, InboundMessage)
    assert read_there.automatic
    assert any(verdict.kind == "automatic" for verdict in read_there.verdicts)


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("", {}),
        ("Thank you for contacting us", {}),
        ("", {"Auto-Submitted": "auto-replied"}),
        ("", {"Precedence": "bulk"}),
        ("Automatic reply: received", {}),
    ],
)
def test_a_robot_that_answers_everything_is_answered_a_few_times_and_it_ends(
    asking, subject, headers
) -> None:
    receive(asking.inbox, mail(sender="robot@robot.example", text="begin"))
    react()
    for number in range(ROUNDS):
        sent = all_wires()
        receive(asking.inbox, returned(sent[-1], subject=subject, headers=headers, number=number))
        react()
    assert automatic() <= 3
    assert RawInbound.objects.count() == ROUNDS + 1
    assert not RawInbound.objects.filter(outcome__in=[Outcome.WAITING, Outcome.POISON]).exists()


def test_a_robot_that_begins_anew_each_time_meets_the_limit_in_every_inbox(asking) -> None:
    with clock.travel(clock.now()):
        for number in range(ROUNDS):
            inbox = asking.inbox if number % 2 else asking.other_inbox
            receive(
                inbox,
                mail(sender="robot@robot.example", to=inbox.address, subject=f"s{number}", text=f"{number}"),
            )
            react()
        assert automatic() <= 3
        assert Conversation.objects.count() == ROUNDS


def test_within_days_a_robot_gets_one_a_day_and_inbox(asking) -> None:
    start = clock.now() - timedelta(days=3)
    for hour in range(0, 72, 6):
        with clock.travel(start + timedelta(hours=hour)):
            receive(asking.inbox, mail(sender="robot@robot.example", subject=f"s{hour}", text=f"{hour}"))
            react()
    assert automatic() <= 4


@pytest.mark.parametrize(
    "subject",
    [
        "Out of office",
        "Abwesenheitsnotiz: Re: Ihre Anfrage",
        "Réponse automatique : absence",
        "自動返信: 不在",
        "Automatic reply: x",
    ],
)
def test_an_absence_note_without_headers_is_known_by_its_subject(asking, subject) -> None:
    conversation = conversation_of(receive(asking.inbox, mail()))
    sent = answer_to(asking, conversation)
    before = Delivery.objects.count()
    raw = receive(asking.inbox, mail(subject=subject, text="Away until Monday", In_Reply_To=sent.identity))
    react()
    conversation.refresh_from_db()
    assert conversation.status == "waiting"
    assert conversation_of(raw) == conversation
    fresh = receive(asking.inbox, mail(sender="new@customer.example", subject=subject, text="Away"))
    react()
    # A subject proves nothing: it is shown to people, and no machine answers it.
    assert fresh.outcome == Outcome.PARSED
    assert [found["kind"] for found in fresh.verdicts] == ["automatic"]
    assert Delivery.objects.count() == before


BOUNCE = b"""From: MAILER-DAEMON@mx.other.example
To: %s
Subject: Undelivered Mail Returned to Sender
Message-ID: <%d.bounce@mx.other.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.other.example

Final-Recipient: rfc822; ada@customer.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: message/rfc822

%s
--b--
"""


def test_a_bounce_of_a_bounce_is_noted_and_answered_by_nobody(asking) -> None:
    conversation = conversation_of(receive(asking.inbox, mail()))
    answer_to(asking, conversation)
    address = asking.inbox.address.encode()
    inner = all_wires()[-1]
    sent = Delivery.objects.count()
    for number in range(5):
        inner = BOUNCE % (address, number, inner)
        raw = receive(asking.inbox, inner)
        react()
        assert raw.outcome == Outcome.NOTED, raw.outcome
        assert raw.reason
    assert Delivery.objects.count() == sent
    assert conversation.messages.count() == 2


def test_a_mail_from_nobody_is_never_answered(asking) -> None:
    for number, sender in enumerate(
        ["MAILER-DAEMON@x.example", "postmaster@x.example", "noreply@x.example", "<>", ""]
    ):
        raw = receive(
            asking.inbox, mail(sender=sender, subject=f"s{number}", text="x") if sender else b"To: x\n\nhello"
        )
        assert raw.outcome != Outcome.WAITING
        react()
    assert automatic() == 0
    assert RawInbound.objects.count() == 5


@pytest.mark.parametrize(
    "address", ["support@velonord.example", "SUPPORT@VELONORD.EXAMPLE", "workshop@refit.example"]
)
def test_our_own_address_as_sender_is_kept_and_answered_by_nobody(asking, address) -> None:
    raw = receive(asking.inbox, mail(sender=f"Support <{address}>", subject="self", text="self"))
    react()
    assert raw.outcome in {Outcome.NOTED, Outcome.QUARANTINED}
    assert raw.reason
    assert automatic() == 0


def test_our_own_mail_come_back_is_known(asking) -> None:
    conversation = conversation_of(receive(asking.inbox, mail()))
    answer_to(asking, conversation)
    back = all_wires()[-1].replace(b"From: ", b"X-From: ", 1)
    raw = receive(asking.other_inbox, b"From: list@list.example\r\n" + back)
    react()
    assert raw.outcome == Outcome.NOTED
    assert conversation.messages.count() == 2


@pytest.mark.parametrize(
    "headers",
    [{"List_Id": "<news.example>"}, {"List_Unsubscribe": "<mailto:x@news.example>"}, {"Precedence": "list"}],
)
def test_list_mail_is_kept_and_not_confirmed(asking, headers) -> None:
    raw = receive(asking.inbox, mail(sender="news@news.example", subject="News", text="News", **headers))
    react()
    assert raw.outcome in {Outcome.PARSED, Outcome.NOTED}
    assert automatic() == 0


def test_every_automatic_mail_of_ours_says_so(asking) -> None:
    for number in range(4):
        receive(asking.inbox, mail(sender=f"c{number}@customer.example", text=f"{number}"))
    react()
    wires = all_wires()
    assert len(wires) == 4
    for content in wires:
        assert read_mail(content)["Auto-Submitted"] == "auto-replied"
        assert read_mail(content)["X-Auto-Response-Suppress"] == "All"
