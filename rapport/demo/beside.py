"""Beside the story: calls, a supplier asked, failures, doubtful mail, and what everybody has read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.mime.text import MIMEText

from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.log_call import Call, log_call
from rapport.conversations.actions.reply import Answer
from rapport.conversations.models import Conversation, Entry, Folder, Message, ReadMark, Status
from rapport.demo.company import Company
from rapport.demo.mime import stamped
from rapport.demo.play import SENDING_TAKES, Unexpected, settle, take_in
from rapport.demo.story import Story
from rapport.demo.story import model as told
from rapport.inboxes.contract import Address
from rapport.inboxes.models import Outcome
from rapport.kernel.clock import travel
from rapport.kernel.text.paragraphs import paragraphs
from rapport.notifications import reactions
from rapport.notifications.models import Notification

TOLD_DAYS = 5
READ_AFTER = timedelta(days=1)
SEEN_BY_ALL_AFTER = timedelta(days=2)
MAKER = Address("warranty@brisa-parts.example", "Brisa Parts warranty desk")
_TELLING = {
    "assigned": reactions.tell_assignee,
    "note.added": reactions.tell_mentioned,
    "message.received": reactions.tell_owner,
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


def _ask_the_maker(story: Story, company: Company, numbers: dict[str, int]) -> None:
    on_hold = [talk for talk in story.conversations if talk.status == "on_hold" and talk.assignee]
    for talk in on_hold[-1:]:
        at = min(talk.events[-1].at + timedelta(minutes=5), story.until - timedelta(minutes=1))
        message = Message.objects.filter(conversation_id=numbers[talk.key], direction="in").earliest("pk")
        with travel(at):
            words = (
                "Hello,\n\na customer's case is below. Is this covered, and how soon could a part be here?"
            )
            side = forward(
                agent=company.agents[talk.assignee],
                conversation_id=numbers[talk.key],
                answer=Answer(html=paragraphs(words), to=(MAKER,)),
                message_id=message.pk,
                undo=timedelta(0),
            )
        with travel(at + SENDING_TAKES):
            settle(side)


@dataclass(frozen=True)
class _Doubtful:
    hours_ago: int
    outcome: Outcome
    sender: str
    subject: str
    words: str
    believed: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    copies: int = 0


def _doubtful_mail(story: Story, company: Company) -> None:
    inbox = company.inboxes["landstrich-support"]
    answered = Message.objects.filter(
        direction="out", inbox=inbox, conversation__status__in=[Status.OPEN, Status.WAITING]
    ).latest("pk")
    for doubtful in _doubtful(answered):
        at = story.until - timedelta(hours=doubtful.hours_ago)
        content = _mail(doubtful, inbox.address, at)
        with travel(at):
            raw = take_in(
                inbox,
                stamped(content, sender=doubtful.sender, at=at, believed=doubtful.believed),
                sender=doubtful.sender,
            )
        if raw.outcome != doubtful.outcome:
            raise Unexpected(f"{doubtful.subject}: {raw.outcome} {raw.reason}")


def _doubtful(answered: Message) -> tuple[_Doubtful, ...]:
    return (
        _Doubtful(
            hours_ago=9,
            outcome=Outcome.QUARANTINED,
            sender=answered.to[0]["address"],
            subject=f"Re: {answered.conversation.subject}",
            words="Please send the refund to my new account instead.",
            believed=False,
            headers=(("In-Reply-To", answered.identity),),
        ),
        _Doubtful(
            hours_ago=20,
            outcome=Outcome.QUARANTINED,
            sender="salma@landstrich.example",
            subject="Please call back",
            words="Could somebody call the lady from Hafenstraße back? She was in the shop about her order.",
        ),
        _Doubtful(
            hours_ago=31,
            outcome=Outcome.NOTED,
            sender="office@velo-kurier.example",
            subject="Out of office",
            words="I am away until Monday.",
            headers=(("Auto-Submitted", "auto-replied"),),
        ),
        _Doubtful(
            hours_ago=44,
            outcome=Outcome.REFUSED,
            sender="news@offers-daily.example",
            subject="Offers of the day",
            words="See our offers.",
            copies=1200,
        ),
    )


def _mail(doubtful: _Doubtful, to: str, at: datetime) -> bytes:
    message = MIMEText(doubtful.words, "plain", "utf-8")
    message["From"], message["Subject"] = doubtful.sender, doubtful.subject
    crowd = [f"reader{number}@lists.example" for number in range(doubtful.copies)]
    message["To"] = ",\n ".join([to, *crowd])
    message["Message-ID"] = f"<{at:%Y%m%d%H%M%S}@{doubtful.sender.rpartition('@')[2]}>"
    for name, value in doubtful.headers:
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
