"""Putting tags on a conversation and taking them off."""

from collections.abc import Callable, Iterable

from django.db import transaction

from rapport.conversations import conflicts
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import TagsChanged
from rapport.conversations.models import Conversation, Entry, Tag
from rapport.conversations.timeline import append
from rapport.kernel.db.locks import lock_name
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

# Taken before any conversation's lock by everybody who changes tags: a tag that is renamed meanwhile would
# otherwise leave its old name on a conversation that has just got it.
TAGS = "tags"


def set_tags(*, agent: Agent, conversation_id: int, names: Iterable[str]) -> Conversation:
    """Make these the tags of the conversation. A new name becomes a new tag."""
    wanted = sorted({" ".join(name.split()).lower()[:50] for name in names} - {""})
    with transaction.atomic():
        lock_name(TAGS)
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        _apply(conversation, wanted, agent)
    return conversation


def change_tags(
    *,
    agent: Agent,
    conversation_id: int,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    token: int | None = None,
) -> Conversation:
    """Add and remove some tags, leaving the others. Safe to repeat and to run over many conversations.

    Raises:
        Conflict: somebody else put one of them on or took it off since ``token``.

    """
    added, removed = {" ".join(name.split()).lower()[:50] for name in add}, set(remove)
    with transaction.atomic():
        lock_name(TAGS)
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        about = _about(added | removed)
        conflicts.check(conversation, act="tags", token=token, agent=agent, about=about)
        _apply(conversation, sorted((set(conversation.tag_names) | added) - removed - {""}), agent)
    return conversation


def _about(names: set[str]) -> Callable[[Entry], bool]:
    """Return what tells whether an entry has put one of these tags on, or taken it off."""
    tags = Tag.objects.filter(name__in=names).values_list("pk", flat=True)
    return lambda entry: not {*entry.payload["added_ids"], *entry.payload["removed_ids"]}.isdisjoint(tags)


def _apply(conversation: Conversation, wanted: list[str], agent: Agent) -> None:
    had = {tag.name: tag.pk for tag in conversation.tags.all()}
    if set(had) == set(wanted):
        return
    tags = {name: Tag.objects.get_or_create(name=name)[0].pk for name in wanted if name not in had}
    removed = [pk for name, pk in had.items() if name not in wanted]
    conversation.tags.add(*tags.values())
    conversation.tags.remove(*removed)
    conversation.tag_names = wanted
    payload = TagsChanged(added_ids=tuple(tags.values()), removed_ids=tuple(removed))
    append(conversation, "tags.changed", payload, actor=by_agent(agent))
    save_state(conversation)
