"""What the addresses of the product name: for each route an own, a foreign and a deleted object."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rapport.canned_replies.actions import Wording, create_canned_reply
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.spam import delete
from rapport.conversations.models import Attachment, Conversation, Message, Tag
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.models import Inbox, Outcome, RawInbound
from rapport.kernel.files.storage import store
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from tests import world
from tests.architecture.routes import ABSENT
from tests.world import World

CANARY = "canary-7f3a"
THINGS = OWN, FOREIGN, DELETED, MIXED = "own", "foreign", "deleted", "mixed"
"""Mixed: an own conversation, or person, with the message or address of a foreign one."""
Values = Mapping[str, Any]


@dataclass
class Scene:
    """The company with conversations, people, files and raw mails of both teams."""

    company: World
    conversations: dict[str, Conversation]
    raws: dict[str, RawInbound]
    pks: dict[str, dict[str, int]]

    def values(self, kind: str, thing: str) -> Values:
        """What to put into the address of a route for one of its objects."""
        outer = self.conversations[OWN if thing == MIXED else thing]
        inner = self.conversations[FOREIGN if thing == MIXED else thing]
        received, sent = inner.messages.order_by("pk")
        if kind in {"conversation", "delivery"}:
            return {"number": outer.number, "message": (received if kind == "conversation" else sent).pk}
        if kind == "customer":
            return {"pk": outer.customer_id, "identity": inner.identity_id}
        if kind == "raw":
            return {"pk": self.raws[thing].pk}
        if kind == "file":
            return {"pk": received.attachments.get().pk, "name": f"{CANARY}.txt"}
        return {"pk": self.pks[kind][thing]}


def scene() -> Scene:
    """Make everything; what is foreign bears the canary's name in subject, text and file."""
    company = world.build()
    ours = _conversation(company.inbox, "ours", "support@velonord.example")
    foreign = _conversation(company.other_inbox, CANARY, "workshop@refit.example")
    deleted = _conversation(company.inbox, "thrown away", "support@velonord.example")
    delete(agent=company.agent(Role.TEAM_LEAD), conversation_id=deleted.pk)
    conversations = {OWN: ours, FOREIGN: foreign, DELETED: deleted}
    raws = {thing: _first_raw(each) for thing, each in conversations.items()}
    RawInbound.objects.filter(pk__in=[raw.pk for raw in raws.values()]).update(outcome=Outcome.REFUSED)
    return Scene(company, conversations, raws, _settings(company))


def _conversation(inbox: Inbox, word: str, to: str) -> Conversation:
    raw = world.receive(
        inbox,
        world.mail(
            sender=f"Somebody <{word.replace(' ', '-')}@customer.example>",
            to=to,
            subject=f"{word} subject",
            text=f"{word} text",
        ),
    )
    message = Message.objects.get(raw=raw)
    stored = store(word.encode(), name=f"{word}.txt")
    Attachment.objects.create(
        file=stored, message=message, name=stored.name, content_type="text/plain", size=stored.size
    )
    _answer(message.conversation)
    return message.conversation


def _first_raw(conversation: Conversation) -> RawInbound:
    raw = conversation.messages.order_by("pk")[0].raw
    assert raw is not None
    return raw


def _answer(conversation: Conversation) -> None:
    answer = Answer(html="<p>Here.</p>", to=tuple(parse_addresses(["somebody@customer.example"])))
    by = Agent.objects.get(role=Role.ADMINISTRATOR)
    reply(agent=by, conversation_id=conversation.pk, answer=answer, undo=timedelta(hours=1))


def _settings(company: World) -> dict[str, dict[str, int]]:
    """What stands under Settings belongs to the whole company: a permission opens it, and no reach."""
    boss = company.agent(Role.ADMINISTRATOR)
    replies = [
        create_canned_reply(
            actor=boss,
            wording=Wording(name=team.name, shortcut=team.name.lower(), html="<p>Hi</p>", team_id=team.pk),
        ).pk
        for team in (company.team, company.other_team)
    ]
    gone = {DELETED: ABSENT}
    return {
        "person": {OWN: company.agent().pk, FOREIGN: boss.pk, **gone},
        "team": {OWN: company.team.pk, FOREIGN: company.other_team.pk, **gone},
        "brand": {OWN: company.brand.pk, FOREIGN: company.other_brand.pk, **gone},
        "inbox": {OWN: company.inbox.pk, FOREIGN: company.other_inbox.pk, **gone},
        "tag": {OWN: Tag.objects.create(name="a").pk, FOREIGN: Tag.objects.create(name="b").pk, **gone},
        "canned": {OWN: replies[0], FOREIGN: replies[1], **gone},
        "upload": {thing: _upload(company, thing) for thing in (OWN, FOREIGN, DELETED)},
    }


def _upload(company: World, thing: str) -> int:
    stored = store(thing.encode(), name=f"{thing}.txt")
    by = company.agent(Role.MANAGER) if thing == OWN else None
    made = Attachment.objects.create(
        file=stored, uploader=by, name=stored.name, content_type="text/plain", size=stored.size
    )
    return made.pk


def in_reach(agent: Agent, kind: str, thing: str) -> bool:
    """Tell whether the rows of a kind say that this agent may see the object at all."""
    if kind not in SCOPED:
        return True
    return SCOPED[kind](Role(agent.role), thing)


ALL = {Role.QA_ANALYST, Role.MANAGER, Role.ADMINISTRATOR}


def _by_reach(role: Role, thing: str) -> bool:
    # What is deleted stands in a bin that can be brought back from, and is reached as before.
    return thing != MIXED and (role in ALL or (role is not Role.COLLABORATOR and thing != FOREIGN))


def _customers(role: Role, thing: str) -> bool:
    # People belong to the company; their conversations are listed by reach. Collaborators see no records.
    return role is not Role.COLLABORATOR and thing != MIXED


SCOPED: dict[str, Callable[[Role, str], bool]] = {
    "conversation": _by_reach,
    "delivery": _by_reach,
    "file": _by_reach,
    "raw": _by_reach,
    "customer": _customers,
    "upload": lambda role, thing: role is Role.MANAGER and thing == OWN,
}
KINDS: dict[str, str] = {
    "file": "file",
    "remove-file": "upload",
    "undo-send": "delivery",
    "retry-delivery": "delivery",
    "skip-delivery": "delivery",
    "address-delivery": "delivery",
    "tray-decision": "raw",
    "tray-source": "raw",
    "customer": "customer",
    "customer-address-add": "customer",
    "customer-address-block": "customer",
    "customer-address-remove": "customer",
    "customer-address-unblock": "customer",
    "customer-address-verify": "customer",
    "console:brand": "brand",
    "console:brand_archive": "brand",
    "console:canned_reply": "canned",
    "console:canned_reply_archive": "canned",
    "console:disable": "person",
    "console:enable": "person",
    "console:inbox": "inbox",
    "console:inbox_active": "inbox",
    "console:inbox_connect": "inbox",
    "console:inbox_delete": "inbox",
    "console:inbox_test": "inbox",
    "console:inbox_history": "inbox",
    "console:inbox_history_undo": "inbox",
    "console:inbox_plus_address": "inbox",
    "console:inbox_provider": "inbox",
    "console:mailbox_sign_in": "inbox",
    "console:person": "person",
    "console:picture": "person",
    "console:resend": "person",
    "console:sign_out": "person",
    "console:tag": "tag",
    "console:tag_delete": "tag",
    "console:team": "team",
    "console:team_archive": "team",
    "console:team_join": "team",
    "console:team_leave": "team",
    "console:two_factor_off": "person",
}
"""What the routes name that take an object and are not of a conversation."""
ELSEWHERE = {
    "demo-file": "answers in the demo alone",
    "demo-letters": "answers in the demo alone",
    "demo-sign-in": "answers in the demo alone",
    "demo-thread": "answers in the demo alone",
}
"""Routes whose objects no member of staff owns, with the reason."""
NOTHING_THERE = {
    "accept-sender": "every sender takes part already",
    "console:inbox_history_undo": "no earlier mail was taken over",
    "address-delivery": "nothing has failed",
    "console:picture": "nobody has a picture",
    "remote-image": "no mail has a picture from elsewhere",
}
"""Routes that find nothing to do in the scene, whoever asks."""
OBJECTS = {"pk", "number", "identity", "message"}
KEYS = {"key", "name", "which", "token", "path", "digest", "language", "uidb36"}
"""What an address may hold besides: a choice, or a secret that is itself the right."""
