"""What comes round: inboxes in trouble, and old notifications."""

from datetime import timedelta

from django.db.models import Q

from rapport.inboxes.models import Inbox
from rapport.kernel.clock import now
from rapport.kernel.jobs.schedule import cron
from rapport.notifications.actions.notify import notify
from rapport.notifications.models import About, Notification
from rapport.staff.models import Agent
from rapport.staff.roles import Role

KEPT_FOR = timedelta(days=90)


@cron("notifications.inbox_trouble", every=timedelta(minutes=1))
def tell_inbox_trouble() -> None:
    """Tell the team leads of an inbox's team, managers and administrators, once for each time of trouble."""
    troubled = Q(silent_since__isnull=False) | ~Q(trouble="")
    for inbox in Inbox.objects.filter(troubled, active=True).select_related("team"):
        since = inbox.trouble_since or inbox.silent_since
        notify(
            agent_ids=_responsible(inbox),
            about=About.INBOX,
            once=f"inbox:{inbox.pk}:{since:%Y-%m-%dT%H:%M:%S}",
            inbox=inbox,
        )


def _responsible(inbox: Inbox) -> set[int]:
    leads = Agent.objects.filter(role=Role.TEAM_LEAD, teams=inbox.team_id, active=True)
    heads = Agent.objects.filter(role__in=[Role.MANAGER, Role.ADMINISTRATOR], active=True)
    return {*leads.values_list("pk", flat=True), *heads.values_list("pk", flat=True)}


@cron("notifications.forget", every=timedelta(days=1))
def forget_old() -> None:
    """Delete notifications older than 90 days."""
    Notification.objects.filter(at__lt=now() - KEPT_FOR).delete()
