"""How much unsolved work hangs on a team or a person: what one wants to know before they go."""

from django.db.models import QuerySet

from rapport.conversations.models import Conversation, ConversationInbox, Folder
from rapport.staff.models import Agent, Team

UNSOLVED = (Folder.OPEN, Folder.WAITING, Folder.SNOOZED)


def unsolved_of_team(team: Team) -> int:
    """Return how many unsolved conversations stand in the list of a team."""
    places = ConversationInbox.objects.filter(team=team, folder__in=UNSOLVED)
    return places.values("conversation").distinct().count()


def unsolved_of(agent: Agent) -> QuerySet[Conversation]:
    """Return the unsolved conversations that are assigned to somebody."""
    return Conversation.objects.filter(assignee=agent, folder__in=UNSOLVED)
