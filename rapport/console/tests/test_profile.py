"""One's own profile: name, language, sessions and notifications."""

import pytest
from django.test import Client

from rapport.notifications.models import About
from rapport.notifications.queries import preferences

pytestmark = pytest.mark.django_db


def test_the_profile_is_saved_in_its_language_and_time_zone(client, boss):
    answer = client.post(
        "/profile",
        {
            "name": "Boss Adler",
            "language": "de",
            "time_zone": "Europe/Berlin",
            "signature": "Viele Grüße\nBoss",
        },
    )
    assert answer.status_code == 302
    boss.refresh_from_db()
    assert (boss.language, boss.time_zone) == ("de", "Europe/Berlin")
    assert 'lang="de"' in client.get("/profile").content.decode()


def test_the_first_words_after_another_language_was_chosen_were_in_the_former_one(client, boss):
    words = {"name": "Boss Adler", "language": "de", "time_zone": "Europe/Berlin"}
    page = client.post("/profile", words, follow=True).content.decode()
    assert "Gespeichert." in page
    assert "Saved." not in page


def test_signing_out_elsewhere_keeps_this_session(client, boss):
    other = Client()
    other.force_login(boss.account)
    client.post("/profile/sign-out")
    assert client.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 302


def test_preferences_are_kept(client, boss):
    client.post("/profile/notifications", {"assigned-bell": "1", "mentioned-mail": "1"})
    kept = preferences(boss)
    assert (kept[About.ASSIGNED].bell, kept[About.ASSIGNED].desktop, kept[About.ASSIGNED].mail) == (
        True,
        False,
        False,
    )
    assert kept[About.MENTIONED].mail
