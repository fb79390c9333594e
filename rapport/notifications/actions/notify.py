"""Telling agents of something, as each of them wants to be told."""

from collections.abc import Collection

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation

from rapport.inboxes.models import Inbox
from rapport.kernel.clock import now
from rapport.kernel.live.signal import signal_all
from rapport.notifications.models import About, Notification, Preference
from rapport.notifications.sentences import sentence
from rapport.staff.models import Agent

UNTAKEN = "untaken:"
"""How ``once`` begins where mails could not be taken in: they wait in a tray."""


def notify(
    *,
    agent_ids: Collection[int],
    about: About,
    once: str,
    conversation_number: int | None = None,
    inbox: Inbox | None = None,
    by: Agent | None = None,
) -> list[Notification]:
    """Tell each active agent once; ``once`` names the occasion, and a second call with it tells nobody.

    The bell always keeps the line unless the agent switched that off; a mail goes out only where the agent
    asked for it, and holds no word of any message.
    """
    occasion = {"about": about, "conversation_number": conversation_number, "inbox": inbox, "by": by}
    told: list[Notification] = []
    with transaction.atomic():
        known = Notification.objects.filter(once=once, agent_id__in=agent_ids).values("agent_id")
        agents = Agent.objects.filter(pk__in=agent_ids, active=True).exclude(pk__in=known)
        wishes = {
            each.agent_id: each for each in Preference.objects.filter(agent_id__in=agent_ids, about=about)
        }
        for agent in agents.select_related("account").order_by("pk"):
            wish = wishes.get(agent.pk) or Preference(agent=agent, about=about)
            # Kept as read: a repeat must find the line even where the agent wants no bell.
            values = {**occasion, "at": now(), "read_at": None if wish.bell else now()}
            notification, made = Notification.objects.get_or_create(agent=agent, once=once, defaults=values)
            if made:
                told.append(notification)
                if wish.mail:
                    _mail(agent, notification)
        signal_all((f"agent:{each.agent_id}", each.pk) for each in told)
    return told


def _mail(agent: Agent, notification: Notification) -> None:
    with translation.override(agent.language):
        words = sentence(notification)
        address = f"{settings.BASE_URL}{notification_path(notification)}"
        send_mail(words, f"{words}\n\n{address}\n", None, [agent.account.email])


def notification_path(notification: Notification) -> str:
    """Return the path of what the notification is about."""
    if notification.conversation_number is not None:
        return f"/conversations/{notification.conversation_number}"
    if notification.once.startswith(UNTAKEN):
        return "/trays/refused"
    return "/notifications"
