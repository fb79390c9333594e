"""Writing down a phone call as a new conversation. What was said is internal."""

import hashlib
from dataclasses import dataclass

from django.db import transaction

from rapport.conversations.actions.create import create_conversation
from rapport.conversations.actions.drafts import RENEWED, discard, move_files, upload_sizes
from rapport.conversations.actions.note import EmptyText, write_note
from rapport.conversations.actions.start import check_start
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import CallLogged
from rapport.conversations.models import Conversation, Note, Status
from rapport.conversations.timeline import append
from rapport.conversations.wording import Wording, preview_of, written
from rapport.customers.actions.identify_caller import Caller, identify_caller
from rapport.customers.models import Customer
from rapport.inboxes.models import Inbox
from rapport.kernel.clock import now
from rapport.kernel.db.locks import lock_name
from rapport.staff.models import Agent

LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Call:
    """What an agent writes down of a phone call. ``inbound``: the customer called us."""

    html: str
    subject: str = ""
    inbound: bool = True
    minutes: int = 0
    attachment_ids: tuple[int, ...] = ()
    status: Status = Status.OPEN
    nonce: str = ""

    def send_key(self, agent: Agent, customer: Customer | Caller) -> str | None:
        """Return what only the same words on the same person, sent again from the same form, have too."""
        if not self.nonce:
            return None
        person = customer.pk if isinstance(customer, Customer) else customer
        words = (agent.pk, person, self.nonce.partition(RENEWED)[0], self.html)
        return hashlib.sha256(repr(words).encode("utf-8", "replace")).hexdigest()


def log_call(*, agent: Agent, inbox: Inbox, customer: Customer | Caller, call: Call) -> Conversation:
    """Write down a phone call with a known person, or with whoever the caller turns out to be.

    Raises:
        Forbidden: the agent's role may not start conversations.
        NotFound: the inbox is beyond the agent's reach.
        EmptyText: no words and no files.
        Refused: nothing is known of the caller.

    """
    check_start(agent, inbox)
    wording = written(call.html)
    if not wording.text and not upload_sizes(agent, wording.html, call.attachment_ids):
        raise EmptyText
    with transaction.atomic():
        key = call.send_key(agent, customer)
        if key:
            lock_name(f"send:{key}")
        if key and (before := Note.objects.filter(nonce=key).first()):
            discard(agent=agent, conversation=None, kind="call", nonce=call.nonce)
            return before.conversation
        person = identify_caller(customer, agent=agent) if isinstance(customer, Caller) else customer
        conversation = create_conversation(
            inbox=inbox,
            customer=person,
            identity=person.identities.filter(kind="email").order_by("pk").first(),
            subject=call.subject or preview_of(wording.text),
            at=now(),
            status=call.status,
            assignee=agent,
        )
        _write_down(conversation, agent, wording, call, key)
        discard(agent=agent, conversation=None, kind="call", nonce=call.nonce)
        save_state(conversation)
    return conversation


def _write_down(
    conversation: Conversation, agent: Agent, wording: Wording, call: Call, key: str | None
) -> None:
    note = write_note(conversation, agent, wording, key)
    move_files(agent, call.attachment_ids, note=note)
    minutes = max(0, min(call.minutes, LONGEST_MINUTES))
    payload = CallLogged(note_id=note.pk, inbound=call.inbound, minutes=minutes)
    append(conversation, "call.logged", payload, actor=by_agent(agent))
    conversation.preview = preview_of(wording.text)
