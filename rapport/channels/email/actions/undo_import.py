"""Taking back what a taking over of earlier mail brought: its conversations go to the deleted view."""

from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from rapport.channels.email.models import HistoryImport, ImportState
from rapport.channels.email.sentences import sentence
from rapport.channels.ingest.steps import LONGEST_REASON
from rapport.conversations.actions.spam import delete
from rapport.conversations.models import Conversation
from rapport.inboxes.kinds import AboutInbox
from rapport.inboxes.models import Inbox, Outcome, RawInbound
from rapport.kernel.clock import now
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.tasks import enqueue, job
from rapport.kernel.sentences import kept
from rapport.staff import audit
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

JOB: Final = "email.undo_import"
_STANDING = (ImportState.RUNNING, ImportState.PAUSED, ImportState.DONE)


def to_take_back(inbox: Inbox) -> QuerySet[Conversation]:
    """Return the conversations that would go: brought by the import and unanswered since."""
    brought = Conversation.objects.filter(inbox=inbox, origin="import", deleted_at=None)
    written_since = Q(
        entries__origin="live", entries__kind__in=("message.received", "message.sent", "note.added")
    )
    return brought.exclude(pk__in=brought.filter(written_since).values("pk"))


def undo_import(*, actor: Agent, inbox: Inbox) -> None:
    """Stop the import; the worker then deletes its conversations. Each can be restored by itself.

    Raises:
        NotAllowed: the actor may not change settings or delete conversations.
        Refused: nothing was taken over.

    """
    require(actor, Permission.SETTINGS)
    require(actor, Permission.DELETE)
    with transaction.atomic():
        imports = HistoryImport.objects.filter(inbox=inbox)
        if not imports.exists():
            raise Refused("history", _("No earlier mail was taken over."))
        if imports.filter(state__in=_STANDING).update(state=ImportState.UNDONE, finished_at=now()):
            audit.record(
                actor,
                "inbox.history",
                AboutInbox(inbox_id=inbox.pk),
                about=inbox,
                before={"state": "standing"},
                after={"state": ImportState.UNDONE.value},
            )
        # Who reads one of them at this moment loses its lease and rolls back.
        unread = Q(state__in=(State.QUEUED, State.RUNNING))
        RawInbound.objects.filter(unread, inbox=inbox, origin="import").update(
            state=State.DONE,
            worker="",
            lease_until=None,
            outcome=Outcome.DISMISSED,
            reason=kept(sentence("import_taken_back"), LONGEST_REASON),
        )
        enqueue(JOB, unique_key=f"{JOB} {inbox.pk}", inbox_id=inbox.pk, agent_id=actor.pk)


@job(JOB)
def take_back(*, inbox_id: int, agent_id: int) -> None:
    """Delete what an import brought, in the name of who asked for it; goes on where a crash stopped it."""
    agent = Agent.objects.get(pk=agent_id)
    for number in list(to_take_back(Inbox.objects.get(pk=inbox_id)).values_list("pk", flat=True)):
        delete(agent=agent, conversation_id=number)
