"""SEC-09: a forged or old thread is no word of ours; it is stored, explained, visible, never dropped."""

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.conversations.models import Conversation, Message
from rapport.inboxes.models import Outcome, RawInbound
from rapport.staff.actions.disable import disable
from rapport.staff.roles import Role
from tests.security.acting import ADA, answer_to, signed_in
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db
FAIL = "mx.velonord.example; spf=fail smtp.mailfrom=customer.example; dmarc=fail header.from=customer.example"
PASS = FAIL.replace("=fail", "=pass")


@pytest.fixture
def talk(company: World) -> tuple[Conversation, Message]:
    EmailSettings.objects.create(inbox=company.inbox, authserv_id="mx.velonord.example")
    conversation = conversation_of(receive(company.inbox, mail(Message_ID="<first@customer.example>")))
    return conversation, answer_to(company, conversation)


def assert_kept_and_seen(company: World, raw: RawInbound) -> None:
    """It is in a conversation or in a tray with its reason, and no word in it counts as ours."""
    assert raw.outcome in {Outcome.PARSED, Outcome.QUARANTINED, Outcome.NOTED}
    assert bytes(raw.body.content)
    if raw.outcome == Outcome.PARSED:
        message = Message.objects.get(raw=raw)
        assert message.direction == "in"
        assert message.agent is None
        return
    assert raw.reason
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    pages = "".join(client.get(f"/trays/{tray}").content.decode() for tray in ("belongs-to", "noted"))
    assert raw.shown_subject in pages


@pytest.mark.parametrize(
    "sender",
    [
        "representative@staff.example",
        "REPRESENTATIVE@staff.example",
        "manager@staff.example",
        "support@velonord.example",
    ],
)
def test_mail_as_a_member_of_staff_is_never_an_answer_of_ours(company, talk, sender) -> None:
    conversation, sent = talk
    raw = receive(
        company.inbox,
        mail(sender=f"Support <{sender}>", subject="forged", text="We pay", In_Reply_To=sent.identity),
    )
    assert_kept_and_seen(company, raw)
    assert conversation.messages.count() == 2
    assert raw.outcome != Outcome.PARSED


def test_a_revoked_agent_gets_nothing_into_a_thread(company, talk) -> None:
    conversation, sent = talk
    boss, gone = company.agent(Role.ADMINISTRATOR), company.agent(Role.SPECIALIST)
    disable(actor=boss, agent=gone)
    raw = receive(
        company.inbox, mail(sender=gone.account.email, subject="revoked", In_Reply_To=sent.identity)
    )
    assert raw.outcome == Outcome.QUARANTINED
    assert_kept_and_seen(company, raw)
    assert conversation.messages.count() == 2


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        (ADA, {"In_Reply_To": "own"}),
        (ADA, {"References": "own"}),
        (ADA, {"In_Reply_To": "<first@customer.example>"}),
        ("eve@evil.example", {"In_Reply_To": "own"}),
    ],
)
def test_what_the_own_mail_server_disowns_waits_for_a_person(company, talk, sender, headers) -> None:
    conversation, sent = talk
    headers = {name: sent.identity if value == "own" else value for name, value in headers.items()}
    raw = receive(
        company.inbox,
        mail(sender=sender, subject="disowned", text="d", Authentication_Results=FAIL, **headers),
    )
    assert raw.outcome == Outcome.QUARANTINED
    assert raw.candidate == conversation.pk
    assert_kept_and_seen(company, raw)
    assert conversation.messages.count() == 2


def test_another_servers_verdict_counts_for_nothing(company, talk) -> None:
    conversation, sent = talk
    foreign = PASS.replace("mx.velonord.example", "mx.evil.example")
    raw = receive(
        company.inbox,
        mail(sender=ADA, subject=f"#{conversation.number}", text="n", Authentication_Results=foreign),
    )
    assert conversation_of(raw) != conversation
    raw = receive(
        company.inbox,
        mail(sender=ADA, subject="x", text="true", Authentication_Results=PASS, In_Reply_To=sent.identity),
    )
    assert conversation_of(raw) == conversation


@pytest.mark.parametrize(
    "identity",
    [
        "<reply-10001@velonord.example>",
        "<notify-1-1@velonord.example>",
        "<rapport.10001@velonord.example>",
        "<rapport.aaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaa@velonord.example>",
        "<rapport..@velonord.example>",
        "<conversation-1@velonord.example>",
        "<first@other.example>",
    ],
)
def test_old_foreign_and_made_up_ids_begin_a_conversation_of_their_own(company, talk, identity) -> None:
    conversation, _sent = talk
    for name in ("In_Reply_To", "References"):
        raw = receive(
            company.inbox, mail(sender="eve@evil.example", subject=f"x {name}", text=name, **{name: identity})
        )
        assert raw.outcome == Outcome.PARSED
        assert_kept_and_seen(company, raw)
        assert conversation_of(raw) != conversation
    assert conversation.messages.count() == 2


def test_a_strangers_answer_to_the_customers_own_mail_joins_nothing(company, talk) -> None:
    conversation, _sent = talk
    raw = receive(
        company.inbox,
        mail(sender="eve@evil.example", subject="y", text="y", References="<first@customer.example>"),
    )
    assert conversation_of(raw) != conversation
    assert conversation_of(raw).links.get().target == conversation


def test_our_own_message_id_on_a_strangers_mail_is_kept(company, talk) -> None:
    conversation, sent = talk
    raw = receive(
        company.inbox, mail(sender="eve@evil.example", subject="taken", text="t", Message_ID=sent.identity)
    )
    assert raw.outcome == Outcome.NOTED
    assert_kept_and_seen(company, raw)
    assert conversation.messages.count() == 2


@pytest.mark.parametrize(
    "name", ["X-Rapport-Instance", "X-Rapport-Agent", "X-Rapport-Conversation", "X-RT-Ticket", "Resent-From"]
)
def test_control_headers_of_others_steer_nothing(company, talk, name) -> None:
    conversation, _sent = talk
    raw = receive(
        company.inbox,
        mail(
            sender="eve@evil.example",
            subject=name,
            text=name,
            **{name.replace("-", "_"): str(conversation.number)},
        ),
    )
    assert raw.outcome == Outcome.PARSED
    assert conversation_of(raw) != conversation
