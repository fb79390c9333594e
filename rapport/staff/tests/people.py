"""Members of staff for tests."""

from rapport.staff.actions.create_agent import create_agent
from rapport.staff.models import Agent
from rapport.staff.roles import Role

PASSWORD = "a long enough secret 7"


def person(name: str = "Mara Lindqvist", role: Role = Role.REPRESENTATIVE, **fields: object) -> Agent:
    """Make an agent whose address is the first name at shop.example, with ``PASSWORD``."""
    address = f"{name.split(maxsplit=1)[0].lower()}@shop.example"
    return create_agent(
        actor=None,
        address=address,
        name=name,
        role=role,
        **{"password": PASSWORD, **fields},  # type: ignore[arg-type]
    )
