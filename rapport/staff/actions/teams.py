"""Adding, renaming and archiving teams."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.staff import audit
from rapport.staff.authority import Refused, require
from rapport.staff.kinds import AboutObject
from rapport.staff.models import Agent, Team
from rapport.staff.permissions import Permission


def _cleaned(name: str) -> str:
    if not name.strip():
        raise Refused("name", _("A name is needed."))
    return " ".join(name.split())[:80]


def _refuse_twin(name: str, team: Team | None = None) -> None:
    if Team.objects.filter(name__iexact=name).exclude(pk=team.pk if team else 0).exists():
        raise Refused("name", _("There is already a team of this name."))


def create_team(*, actor: Agent | None, name: str) -> Team:
    """Add a team; raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.PEOPLE)
    cleaned = _cleaned(name)
    _refuse_twin(cleaned)
    try:
        with transaction.atomic():
            team = Team.objects.create(name=cleaned)
            audit.record(
                actor, "team.created", AboutObject(object_id=team.pk), about=team, after={"name": cleaned}
            )
    except IntegrityError:
        raise Refused("name", _("There is already a team of this name.")) from None
    return team


def rename_team(*, actor: Agent | None, team: Team, name: str) -> None:
    """Rename a team; raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.PEOPLE)
    cleaned = _cleaned(name)
    _refuse_twin(cleaned, team)
    try:
        with transaction.atomic():
            before = Team.objects.select_for_update().get(pk=team.pk).name
            if before == cleaned:
                return
            Team.objects.filter(pk=team.pk).update(name=cleaned)
            audit.record(
                actor,
                "team.renamed",
                AboutObject(object_id=team.pk),
                about=team,
                before={"name": before},
                after={"name": cleaned},
            )
    except IntegrityError:
        raise Refused("name", _("There is already a team of this name.")) from None
    team.name = cleaned


def archive_team(*, actor: Agent | None, team: Team, archived: bool) -> None:
    """Take a team out of all choices, or bring it back. Raises ``NotAllowed``."""
    require(actor, Permission.PEOPLE)
    with transaction.atomic():
        if not Team.objects.filter(pk=team.pk, archived=not archived).update(archived=archived):
            return
        kind = "team.archived" if archived else "team.restored"
        audit.record(actor, kind, AboutObject(object_id=team.pk), about=team)
    team.archived = archived
