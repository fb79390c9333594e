"""Beside the story: calls, a supplier asked, failures, doubtful mail, and what everybody has read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.mime.text import MIMEText
from email.utils import parseaddr

from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.log_call import Call, log_call
from rapport.conversations.actions.reply import Answer
from rapport.conversations.models import (
    Conversation,
    Entry,
    Folder,
    Message,
    ReadMark,
    SideMessage,
    Status,
)
from rapport.demo.company import Company
from rapport.demo.mime import stamped
from rapport.demo.play import SENDING_TAKES, Unexpected, settle, take_in
from rapport.demo.story import Story
from rapport.demo.story import model as told
from rapport.inboxes.contract import Address
from rapport.inboxes.models import Inbox, Outcome
from rapport.kernel.clock import travel
from rapport.kernel.text.paragraphs import paragraphs
from rapport.notifications import reactions
from rapport.notifications.models import Notification
from rapport.staff.models import Agent

TOLD_DAYS = 5
READ_AFTER = timedelta(days=1)
SEEN_BY_ALL_AFTER = timedelta(days=2)
MAKER_TAKES = timedelta(minutes=50)
MAKER = Address("warranty@brisa-parts.example", "Brisa Parts warranty desk")
_TELLING = {
    "assigned": reactions.tell_assignee,
    "note.added": reactions.tell_mentioned,
    "message.received": reactions.tell_owner,
    "side.received": reactions.tell_forwarder,
    "delivery.failed": reactions.tell_sender,
}


def undeliverable(story: Story) -> frozenset[str]:
    """Choose two answers that did not arrive: the last ones of conversations that wait for their customer."""
    waiting = [talk for talk in story.conversations if talk.status == "waiting" and not talk.truth]
    last = [next(e for e in reversed(talk.events) if isinstance(e, told.Reply)) for talk in waiting]
    return frozenset(reply.key for reply in sorted(last, key=lambda reply: reply.at)[-2:])


def happen(story: Story, company: Company, numbers: dict[str, int]) -> None:
    """Add everything that the story does not tell."""
    _calls(story, company)
    _ask_the_maker(story, company, numbers)
    _doubtful_mail(story, company)
    _tell(story)
    _read(story, company)


@dataclass(frozen=True)
class _Call:
    hours_ago: int
    agent: str
    inbox: str
    subject: str
    inbound: bool
    minutes: int
    status: Status
    words: str


_CALLS = (
    _Call(
        hours_ago=52,
        agent="siobhan",
        inbox="landstrich-support",
        subject="Phone: which rack fits?",
        inbound=True,
        minutes=6,
        status=Status.OPEN,
        words="Wants to carry two panniers on a tour in spring.\n\n"
        "Told them which racks take 25 kg; they call back with the frame size.",
    ),
    _Call(
        hours_ago=30,
        agent="minh-anh",
        inbox="landstrich-returns",
        subject="Rückruf zur Rücksendung",
        inbound=False,
        minutes=4,
        status=Status.SOLVED,
        words="Zurückgerufen wie versprochen: Die Rücksendung ist da, das Geld kommt in drei Werktagen.",
    ),
    _Call(
        hours_ago=7,
        agent="jonas",
        inbox="zweitgang-hello",
        subject="Phone: noise after the service",
        inbound=True,
        minutes=11,
        status=Status.OPEN,
        words="Clicks under load, only on the big chainring. Probably the bottom bracket.\n\n"
        "The bike comes in on Thursday; please keep a stand free.",
    ),
)


def _calls(story: Story, company: Company) -> None:
    callers = Conversation.objects.filter(spam=False).select_related("customer").order_by("-pk")[60:]
    for call, before in zip(_CALLS, callers, strict=False):
        with travel(story.until - timedelta(hours=call.hours_ago)):
            log_call(
                agent=company.agents[call.agent],
                inbox=company.inboxes[call.inbox],
                customer=before.customer,
                call=Call(
                    subject=call.subject,
                    html=paragraphs(call.words),
                    inbound=call.inbound,
                    minutes=call.minutes,
                    status=call.status,
                ),
            )


@dataclass(frozen=True)
class _Letter:
    outcome: Outcome
    sender: str
    subject: str
    words: str
    believed: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    copies: int = 0


def _ask_the_maker(story: Story, company: Company, numbers: dict[str, int]) -> None:
    """Forward two cases to the maker, who has answered the earlier one."""
    on_hold = [talk for talk in story.conversations if talk.status == "on_hold" and talk.assignee]
    for talk in on_hold[-2:]:
        at = min(talk.events[-1].at + timedelta(minutes=5), story.until - MAKER_TAKES)
        agent = company.agents[talk.assignee]
        side = _forwarded(agent, numbers[talk.key], at)
        if talk is not on_hold[-1]:
            _answer_of_the_maker(company.inboxes[talk.inbox], side, at + MAKER_TAKES)


def _forwarded(agent: Agent, number: int, at: datetime) -> SideMessage:
    message = Message.objects.filter(conversation_id=number, direction="in").earliest("pk")
    words = "Hello,\n\na customer's case is below. Is this covered, and how soon could a part be here?"
    with travel(at):
        side = forward(
            agent=agent,
            conversation_id=number,
            answer=Answer(html=paragraphs(words), to=(MAKER,)),
            message_id=message.pk,
            undo=timedelta(0),
        )
    with travel(at + SENDING_TAKES):
        settle(side)
    return side


def _answer_of_the_maker(inbox: Inbox, side: SideMessage, at: datetime) -> None:
    answer = _Letter(
        outcome=Outcome.PARSED,
        sender=f"{MAKER.name} <{MAKER.value}>",
        subject=f"Re: {side.subject}",
        words="Hello,\n\nthat is covered. The part leaves us tomorrow and takes three working days."
        "\nPlease send the old one back: https://brisa-parts.example/returns\n\nKind regards\nPauline Maes",
        headers=(("In-Reply-To", side.identity),),
    )
    _arrive(inbox, answer, at)


def _arrive(inbox: Inbox, letter: _Letter, at: datetime) -> None:
    """Let a mail arrive, and be taken for what it is."""
    address = parseaddr(letter.sender)[1]
    content = stamped(_mail(letter, inbox.address, at), sender=address, at=at, believed=letter.believed)
    with travel(at):
        raw = take_in(inbox, content, sender=address)
    if raw.outcome != letter.outcome:
        raise Unexpected(f"{letter.subject}: {raw.outcome} {raw.reason}")


def _doubtful_mail(story: Story, company: Company) -> None:
    inbox = company.inboxes["landstrich-support"]
    answered = Message.objects.filter(
        direction="out", inbox=inbox, conversation__status__in=[Status.OPEN, Status.WAITING]
    ).latest("pk")
    for hours_ago, letter in _doubtful(answered).items():
        _arrive(inbox, letter, story.until - timedelta(hours=hours_ago))


def _doubtful(answered: Message) -> dict[int, _Letter]:
    """Return letters by the hours since they came."""
    return {
        9: _Letter(
            outcome=Outcome.QUARANTINED,
            sender=answered.to[0]["address"],
            subject=f"Re: {answered.conversation.subject}",
            words="Please send the refund to my new account instead.",
            believed=False,
            headers=(("In-Reply-To", answered.identity),),
        ),
        20: _Letter(
            outcome=Outcome.QUARANTINED,
            sender="salma@landstrich.example",
            subject="Please call back",
            words="Could somebody call the lady from Hafenstraße back? She was in the shop about her order.",
        ),
        31: _Letter(
            outcome=Outcome.NOTED,
            sender="office@velo-kurier.example",
            subject="Out of office",
            words="I am away until Monday.",
            headers=(("Auto-Submitted", "auto-replied"),),
        ),
        44: _Letter(
            outcome=Outcome.REFUSED,
            sender="news@offers-daily.example",
            subject="Offers of the day",
            words="See our offers.",
            copies=1200,
        ),
    }


def _mail(letter: _Letter, to: str, at: datetime) -> bytes:
    message = MIMEText(letter.words, "plain", "utf-8")
    message["From"], message["Subject"] = letter.sender, letter.subject
    crowd = [f"reader{number}@lists.example" for number in range(letter.copies)]
    message["To"] = ",\n ".join([to, *crowd])
    message["Message-ID"] = f"<{at:%Y%m%d%H%M%S}@{parseaddr(letter.sender)[1].rpartition('@')[2]}>"
    for name, value in letter.headers:
        message[name] = value
    return message.as_bytes()


def _tell(story: Story) -> None:
    """Fill the bells of the last days as the reactions would have; the older lines count as read."""
    recent = Entry.objects.filter(
        occurred_at__gte=story.until - timedelta(days=TOLD_DAYS), kind__in=_TELLING
    ).order_by("occurred_at")
    for entry in recent:
        with travel(entry.occurred_at):
            _TELLING[entry.kind](entry)
    Notification.objects.filter(at__lt=story.until - READ_AFTER).update(read_at=story.until - READ_AFTER)


def _read(story: Story, company: Company) -> None:
    """Everybody has read what is old or solved; of the rest each has read up to what they did last."""
    agents = {agent.pk for agent in company.agents.values()}
    old = Conversation.objects.filter(last_message_at__lt=story.until - SEEN_BY_ALL_AFTER)
    solved = Conversation.objects.filter(folder__in=[Folder.SOLVED, Folder.SPAM])
    seen = {(agent, pk): seq for pk, seq in (old | solved).values_list("pk", "last_seq") for agent in agents}
    acts = Entry.objects.filter(actor_kind="agent", actor_id__in=agents).order_by("seq")
    for agent, pk, seq in acts.values_list("actor_id", "conversation_id", "seq"):
        if agent is not None:
            seen.setdefault((agent, pk), 0)
            seen[agent, pk] = max(seen[agent, pk], seq)
    ReadMark.objects.bulk_create(
        (ReadMark(agent_id=agent, conversation_id=pk, seq=seq) for (agent, pk), seq in seen.items()),
        batch_size=500,
    )
