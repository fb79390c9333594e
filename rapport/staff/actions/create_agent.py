"""Adding a member of staff."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.staff import audit
from rapport.staff.authority import Refused, require_over
from rapport.staff.kinds import AboutAgent
from rapport.staff.models import Account, Agent
from rapport.staff.roles import Role


def clean_address(address: str) -> str:
    """Return an address as accounts keep it; raises ``Refused`` where it is none."""
    cleaned = address.strip().lower()
    try:
        validate_email(cleaned)
    except ValidationError:
        raise Refused("address", _("This is no mail address.")) from None
    if len(cleaned) > 254:
        raise Refused("address", _("This address is too long."))
    return cleaned


def _groups(agent: Agent) -> dict[str, list[str]]:
    """Return the names of the agent's teams and brands, as far as there are any."""
    names = {
        "teams": sorted(team.name for team in agent.teams.all()),
        "brands": sorted(brand.name for brand in agent.brands.all()),
    }
    return {field: found for field, found in names.items() if found}


def create_agent(
    *,
    actor: Agent | None,
    address: str,
    name: str,
    role: Role = Role.REPRESENTATIVE,
    team_ids: Iterable[int] = (),
    brand_ids: Iterable[int] = (),
    password: str | None = None,
    public_name: str = "",
    language: str = "en",
    time_zone: str = "UTC",
    bio: str = "",
) -> Agent:
    """Add a member of staff. Without a password they cannot sign in until they accept an invitation.

    Raises:
        NotAllowed: the actor may not add people of this role.
        Refused: the address is none, or somebody has it; the name is empty.

    """
    require_over(actor, role)
    cleaned = clean_address(address)
    if not name.strip():
        raise Refused("name", _("A name is needed."))
    shown = {"name": name.strip()[:120], "public_name": public_name.strip()[:120], "bio": bio[:200]}
    try:
        with transaction.atomic():
            account = Account.objects.create_user(cleaned, password)
            agent = Agent.objects.create(
                account=account, role=role, language=language, time_zone=time_zone, **shown
            )
            agent.teams.set(team_ids)
            agent.brands.set(brand_ids)
            after = {"name": agent.name, "address": cleaned, "role": str(role), **_groups(agent)}
            audit.record(actor, "agent.created", AboutAgent(agent_id=agent.pk), about=agent, after=after)
    except IntegrityError:
        raise Refused("address", _("Somebody on your staff already has this address.")) from None
    return agent
