"""An inbox that gets no mail says so, also one that never got any."""

from datetime import timedelta

import pytest

from rapport.inboxes.actions.edit_inbox import Basics, create_inbox
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.jobs import notice_silence
from rapport.inboxes.models import Inbox
from rapport.kernel import clock
from rapport.staff.models import Brand, Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh() -> Inbox:
    brand = Brand.objects.create(name="Velo Nord")
    team = Team.objects.create(name="Service")
    basics = Basics(name="Help", address="help@shop.example", brand_id=brand.pk, team_id=team.pk)
    return create_inbox(actor=None, basics=basics)


def silent_after(inbox: Inbox, days: float) -> bool:
    with clock.travel(clock.now() + timedelta(days=days)):
        notice_silence()
    inbox.refresh_from_db()
    return inbox.silent_since is not None


def test_an_inbox_that_never_got_any_mail_is_told_after_three_days(fresh: Inbox) -> None:
    assert not silent_after(fresh, 2.9)
    assert silent_after(fresh, 3.1)


def test_its_first_mail_ends_that(fresh: Inbox) -> None:
    assert silent_after(fresh, 4)
    store_raw(inbox=fresh, content=b"Subject: at last\r\n\r\nHello", source="pipe")
    assert not silent_after(fresh, 4)


def test_one_whose_last_mail_is_longer_ago_than_we_look_back_is_still_silent(fresh: Inbox) -> None:
    store_raw(inbox=fresh, content=b"Subject: one\r\n\r\nHello", source="pipe")
    assert silent_after(fresh, 130)
