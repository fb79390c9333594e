import pytest

from rapport.inboxes.models import Inbox
from rapport.staff.models import Brand, Team


@pytest.fixture
def inbox(db: None) -> Inbox:
    brand = Brand.objects.create(name="Velo Nord")
    team = Team.objects.create(name="Service")
    return Inbox.objects.create(name="Help", address="Help@shop.example", brand=brand, team=team)
