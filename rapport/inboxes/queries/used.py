"""Whether anything ever came into an inbox or went out of it."""

from django.db.models import PROTECT, ForeignObjectRel

from rapport.inboxes.models import Inbox


def used(inbox: Inbox) -> bool:
    """Tell whether something stands there that would be nobody's without the inbox, on whatever floor."""
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: inbox.pk}).exists()
        for relation in Inbox._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is PROTECT
    )
