"""What comes round: inboxes in trouble, and old notifications."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q

from rapport.conversations.queries.unsent import unsent
from rapport.inboxes.models import Inbox
from rapport.inboxes.queries.untaken import untaken
from rapport.kernel.clock import now
from rapport.kernel.jobs.schedule import cron
from rapport.notifications.actions.notify import UNTAKEN, notify
from rapport.notifications.models import About, Notification
from rapport.staff.models import Agent
from rapport.staff.roles import Role

KEPT_FOR = timedelta(days=90)


@cron("notifications.inbox_trouble", every=timedelta(minutes=1))
def tell_inbox_trouble() -> None:
    """Tell the team leads of an inbox's team, managers and administrators, once for each time of trouble."""
    found = [*_troubled(), *_untaken(), *_unsent()]
    inboxes = Inbox.objects.select_related("team").in_bulk([pk for pk, _once in found])
    for pk, once in found:
        inbox = inboxes[pk]
        notify(agent_ids=_responsible(inbox), about=About.INBOX, once=once, inbox=inbox)


def _troubled() -> Iterator[tuple[int, str]]:
    troubled = Q(silent_since__isnull=False) | ~Q(trouble="")
    for inbox in Inbox.objects.filter(troubled, active=True):
        since = inbox.trouble_since or inbox.silent_since
        yield inbox.pk, f"inbox:{inbox.pk}:{since:%Y-%m-%dT%H:%M:%S}"


def _untaken() -> Iterator[tuple[int, str]]:
    """Yield where mails could not be taken in, anew for every hour in which there were new ones."""
    for pk, waiting in untaken().items():
        yield pk, f"{UNTAKEN}{pk}:{waiting.last_tried_at:%Y-%m-%dT%H}"


def _unsent() -> Iterator[tuple[int, str]]:
    """Yield where mail does not go out, once for each time: the first that waits names it."""
    for pk, waiting in unsent().items():
        yield pk, f"unsent:{pk}:{waiting.first}"


def _responsible(inbox: Inbox) -> set[int]:
    leads = Agent.objects.filter(role=Role.TEAM_LEAD, teams=inbox.team_id, active=True)
    heads = Agent.objects.filter(role__in=[Role.MANAGER, Role.ADMINISTRATOR], active=True)
    return {*leads.values_list("pk", flat=True), *heads.values_list("pk", flat=True)}


@cron("notifications.forget", every=timedelta(days=1))
def forget_old() -> None:
    """Delete notifications older than 90 days."""
    Notification.objects.filter(at__lt=now() - KEPT_FOR).delete()
