"""Who may send more than a small body."""

import pytest
from django.conf import settings
from django.test import Client

from rapport.channels.email.models import EmailSettings, Incoming
from rapport.config.senders import may_send_much
from rapport.staff.roles import Role
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> World:
    return build()


def asked(path="/accounts/login/", **cookies):
    held = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"path": path, "headers": [(b"cookie", held.encode())] if held else []}


def test_an_agent_who_is_signed_in_may(company: World):
    client = Client()
    client.force_login(company.agent(Role.REPRESENTATIVE).account)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert may_send_much(asked(**{"other": "1", settings.SESSION_COOKIE_NAME: key}))
    client.logout()
    assert not may_send_much(asked(**{settings.SESSION_COOKIE_NAME: key}))


@pytest.mark.parametrize("cookies", [{}, {"rapport": "made up"}, {"rapport": "x" * 32}])
def test_a_stranger_may_not(cookies):
    assert not may_send_much(asked(**cookies))


def test_a_mail_service_may_where_it_is_to_call(company: World):
    called = EmailSettings.objects.create(inbox=company.inbox, incoming=Incoming.WEBHOOK)
    assert may_send_much(asked(f"/hooks/mail/{called.webhook_path}"))
    assert not may_send_much(asked("/hooks/mail/guessed"))
