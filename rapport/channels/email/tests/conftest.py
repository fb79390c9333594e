import pytest

from rapport.channels.email.models import EmailSettings
from rapport.inboxes.models import Inbox
from rapport.staff.models import Brand, Team


def make_inbox(address: str = "help@shop.example", **settings: object) -> Inbox:
    brand, _ = Brand.objects.get_or_create(name="Velo Nord")
    team, _ = Team.objects.get_or_create(name="Service")
    inbox = Inbox.objects.create(name="Help", address=address, brand=brand, team=team)
    EmailSettings.objects.create(inbox=inbox, **settings)
    return inbox


@pytest.fixture
def inbox(db: None) -> Inbox:
    return make_inbox()
