"""Playing the events of the story through the same actions that the screens and the mail server use."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from rapport.channels.ingest.queue import handle
from rapport.conversations.actions import (
    assign,
    drafts,
    lock,
    note,
    organise,
    reply,
    set_status,
    snooze,
    spam,
    tag,
)
from rapport.conversations.actions.record_delivery import record_failed, record_sent
from rapport.conversations.folders import save_state
from rapport.conversations.models import Delivery, Kind, Message, Priority, SideMessage, Status
from rapport.conversations.queries.access import NotFound
from rapport.demo.company import Company
from rapport.demo.mime import stamped
from rapport.demo.story import content, raw
from rapport.demo.story import model as told
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.contract import Address, Receipt, RecipientResult
from rapport.inboxes.models import Inbox, RawInbound
from rapport.kernel.clock import now, travel
from rapport.kernel.db.prepared import prepared
from rapport.kernel.jobs.leases import take
from rapport.kernel.text.paragraphs import paragraphs

WORKER = "demo"
AT_ONCE = timedelta(seconds=10)
"""A status set so soon after an answer was set with it."""
MANAGER = "marlene"
LEASE = timedelta(minutes=2)
SENDING_TAKES = timedelta(milliseconds=800)
_KINDS = {"technical_problem": Kind.TECHNICAL}


class Unexpected(Exception):
    """Rapport made something else of an event than the story tells; the message says which."""


def take_in(inbox: Inbox, mail: bytes, *, sender: str) -> RawInbound:
    """Let a mail arrive now and be read, as the receiver and the worker do."""
    row = store_raw(
        inbox=inbox,
        content=mail,
        source="lmtp",
        envelope_from=sender,
        envelope_to=inbox.address,
        origin="demo",
    )
    if not take(row, lease=LEASE, worker=WORKER):
        raise Unexpected(f"a mail from {sender} was not due at {now()}")
    handle(row)
    return row


class Player:
    """Plays events in order of time and remembers what they became."""

    def __init__(self, company: Company, *, undeliverable: frozenset[str] = frozenset()) -> None:
        self._company = company
        self._undeliverable = undeliverable
        self._threads: dict[str, list[str]] = {}
        self._happened: set[tuple[str, told.Event]] = set()
        self._writers: dict[str, Address] = {}
        self.numbers: dict[str, int] = {}
        """Ids of conversations by their keys in the story."""

    def play(self, talk: told.Conversation, event: told.Event) -> None:
        """Let one event happen at its time."""
        if (talk.key, event) in self._happened:
            return
        with travel(event.at):
            if isinstance(event, told.MailIn):
                self._mail(talk, event)
            elif isinstance(event, told.Reply):
                self._reply(talk, event)
            elif event.actor == "system":
                self._by_itself(talk, event)
            else:
                self._organise(talk, event)

    def _mail(self, talk: told.Conversation, mail: told.MailIn) -> None:
        thread = self._threads.setdefault(talk.key, [])
        filtered = any(isinstance(e, told.MarkedSpam) and e.actor == "system" for e in talk.events)
        arrived = take_in(
            self._company.inboxes[talk.inbox],
            stamped(
                raw(mail, in_reply_to=thread[-1], references=tuple(thread[-10:]))
                if mail.answers
                else raw(mail),
                sender=mail.from_address,
                at=mail.at,
                believed=not filtered,
                spam=filtered,
            ),
            sender=mail.from_address,
        )
        message = _of_mail.first(arrived.pk)
        if message is None:
            raise Unexpected(f"{mail.key}: {arrived.outcome} {arrived.reason}")
        number = self.numbers.setdefault(talk.key, message.conversation_id)
        if number != message.conversation_id:
            raise Unexpected(f"{mail.key} came into another conversation than {talk.key}: {message.why}")
        thread.append(message.identity)
        self._writers[talk.key] = Address(mail.from_address, mail.from_name)

    def _reply(self, talk: told.Conversation, event: told.Reply) -> None:
        following = talk.events[talk.events.index(event) + 1 : talk.events.index(event) + 2]
        at_once = [e for e in following if isinstance(e, told.StatusChanged) and e.actor == event.actor]
        status = None
        if at_once and at_once[0].at - event.at < AT_ONCE:
            status = Status(at_once[0].status)
            self._happened.add((talk.key, at_once[0]))
        agent = self._company.agents[event.actor]
        files = [
            drafts.attach(
                agent=agent, content=content(file), name=file.name, content_type=file.content_type
            ).pk
            for file in event.files
        ]
        message = reply.reply(
            agent=agent,
            conversation_id=self.numbers[talk.key],
            answer=reply.Answer(
                html=paragraphs(event.text),
                to=(self._writers[talk.key],),
                attachment_ids=tuple(files),
                status=status,
            ),
            undo=timedelta(0),
        )
        self._threads[talk.key].append(message.identity)
        with travel(event.at + SENDING_TAKES):
            settle(message, fails=event.key in self._undeliverable)

    def _by_itself(self, talk: told.Conversation, event: told.Event) -> None:
        if not isinstance(event, told.StatusChanged):
            return
        with transaction.atomic():
            conversation = lock.lock(self.numbers[talk.key])
            set_status.change_status(conversation, Status(event.status))
            save_state(conversation)

    def _organise(self, talk: told.Conversation, event: told.Event) -> None:
        agents, number = self._company.agents, self.numbers[talk.key]
        agent = agents[event.actor]
        match event:
            case told.NoteAdded(text=text, mentions=mentions):
                named = [agents[key].pk for key in mentions]
                note.add_note(agent=agent, conversation_id=number, html=paragraphs(text), mentioned_ids=named)
            case told.Assigned(assignee=assignee, team=team):
                if team:
                    assign.assign_team(agent=agent, conversation_id=number, team=self._company.teams[team])
                assign.assign(agent=agent, conversation_id=number, assignee=agents[assignee])
            case told.StatusChanged(status=status):
                set_status.set_status(agent=agent, conversation_id=number, status=Status(status))
            case told.TagsChanged(add=names):
                tag.change_tags(agent=agent, conversation_id=number, add=names)
            case told.PrioritySet(priority=priority):
                organise.set_priority(
                    agent=agent, conversation_id=number, priority=Priority[priority.upper()]
                )
            case told.KindSet(kind=kind):
                organise.set_kind(agent=agent, conversation_id=number, kind=_KINDS.get(kind) or Kind(kind))
            case told.Snoozed(until=until):
                snooze.snooze(agent=agent, conversation_id=number, until=until)
            case told.MarkedSpam():
                try:
                    spam.mark_spam(agent=agent, conversation_id=number)
                except NotFound:
                    spam.mark_spam(agent=agents[MANAGER], conversation_id=number)


@prepared
def _of_mail(raw_id: int) -> QuerySet[Message]:
    return Message.objects.filter(raw_id=raw_id).order_by("pk")[:1]


@prepared
def _sending(message_id: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(message_id=message_id)


@prepared
def _side_sending(side_id: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(side_message_id=side_id)


def settle(words: Message | SideMessage, *, fails: bool = False) -> None:
    """Record what the recipients' mail servers said to words that leave us now."""
    sending = _sending if isinstance(words, Message) else _side_sending
    delivery = sending.first(words.pk)
    if delivery is None or not take(delivery, lease=LEASE, worker=WORKER):
        raise Unexpected(f"the delivery of {words.identity} was not due at {now()}")
    addresses = [row["address"] for row in (*words.to, *words.cc)]
    if fails:
        record_failed(delivery=delivery, reason=f"{addresses[0]}: 550 5.1.1 This mailbox does not exist")
        return
    results = tuple(RecipientResult(address=each, accepted=True, detail="250 2.0.0 OK") for each in addresses)
    record_sent(delivery=delivery, receipt=Receipt(recipients=results))
