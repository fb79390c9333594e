"""What a row of a list says."""

import pytest

from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, mail, receive

NAMELESS = "nn@customer.example"


@pytest.mark.parametrize("address", ["/inbox/all", "/inbox/all.csv"])
def test_whoever_gave_no_name_was_nobody_in_the_lists(company: World, address: str) -> None:
    receive(company.inbox, mail(sender=NAMELESS, subject="Which torque?"))
    answer = signed_in(company.agent(Role.TEAM_LEAD)).get(address)
    content = b"".join(answer) if answer.streaming else answer.content
    assert NAMELESS in content.decode()
