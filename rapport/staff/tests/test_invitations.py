import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from rapport.kernel import clock
from rapport.staff import tokens
from rapport.staff.actions.accept_invitation import Void, accept_invitation, open_invitation
from rapport.staff.actions.disable import disable
from rapport.staff.actions.first_administrator import first_administrator, set_up_link
from rapport.staff.actions.invite import invite
from rapport.staff.authority import Refused
from rapport.staff.models import Account, Agent, Brand, Invitation, SetUpLink, Team
from rapport.staff.roles import Role
from rapport.staff.tests.people import PASSWORD, person

pytestmark = pytest.mark.django_db
NEW = "a brand new secret 1"


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def invited() -> tuple[Agent, str]:
    agent = person(password=None)
    return agent, token_of(invite(actor=None, agent=agent))


def test_the_mail_holds_the_only_copy_of_the_link(settings):
    settings.BASE_URL = "https://desk.shop.example"
    _, token = invited()
    assert len(mail.outbox) == 1
    assert f"https://desk.shop.example/invitation/{token}/" in mail.outbox[0].body
    stored = Invitation.objects.get()
    assert token not in (stored.token_hash, str(stored.__dict__))
    assert stored.token_hash == tokens.digest(token)


def test_opening_the_page_uses_nothing_up_and_accepting_signs_in(client):
    _, token = invited()
    for _ in range(3):
        assert client.get(f"/invitation/{token}/").status_code == 200
    assert Invitation.objects.get().used_at is None
    assert client.post(f"/invitation/{token}/", {"password": NEW}).status_code == 302
    assert client.get("/profile").status_code == 200


def test_a_link_works_once(client):
    _, token = invited()
    client.post(f"/invitation/{token}/", {"password": NEW})
    assert Client().get(f"/invitation/{token}/").status_code == 410
    assert Client().post(f"/invitation/{token}/", {"password": "another secret 22"}).status_code == 410
    with pytest.raises(Void):
        accept_invitation(token=token, password="another secret 22")


@pytest.mark.parametrize("token", ["", "a", "a" * 39, "x" * 43, "%00", "../../x"])
def test_empty_short_and_made_up_tokens_open_nothing(token):
    invited()
    Invitation.objects.create(
        account=person("Nora Falk", password=None).account,
        token_hash="",
        expires_at=clock.now() + timedelta(days=1),
    )
    with pytest.raises(Void):
        open_invitation(token)


def test_a_link_expires():
    _, token = invited()
    with clock.travel(clock.now() + timedelta(days=7, seconds=1)), pytest.raises(Void):
        accept_invitation(token=token, password=NEW)


def test_a_newer_link_voids_the_earlier_one():
    agent, first = invited()
    second = token_of(invite(actor=None, agent=agent))
    with pytest.raises(Void):
        open_invitation(first)
    assert open_invitation(second)


def test_a_disabled_account_has_no_invitation():
    agent, token = invited()
    disable(actor=person("Boss Adler", Role.ADMINISTRATOR), agent=agent)
    with pytest.raises(Void):
        accept_invitation(token=token, password=NEW)
    with pytest.raises(Refused):
        invite(actor=None, agent=agent)


def test_a_weak_password_is_refused_and_the_link_stays_good(client):
    _, token = invited()
    answer = client.post(f"/invitation/{token}/", {"password": "short"})
    assert answer.status_code == 422
    assert open_invitation(token)


def test_a_new_link_never_skips_two_factor(client):
    agent = person()
    TOTP.activate(agent.account, generate_totp_secret())
    token = token_of(invite(actor=None, agent=agent))
    answer = client.post(f"/invitation/{token}/", {"password": NEW})
    assert answer.url == "/accounts/2fa/authenticate/"
    assert client.get("/profile").status_code == 302


def test_accepting_ends_the_sessions_of_the_old_password(client):
    agent = person()
    client.post("/accounts/login/", {"login": agent.account.email, "password": PASSWORD})
    assert client.get("/profile").status_code == 200
    accept_invitation(token=token_of(invite(actor=None, agent=agent)), password=NEW)
    assert client.get("/profile").status_code == 302


SET_UP = {"name": "Ada Kern", "address": "ada@shop.example", "brand_name": "Shop", "team_name": "Support"}


def test_the_first_link_makes_an_administrator_once(client):
    token = token_of(set_up_link())
    assert client.get(f"/set-up/{token}/").status_code == 200
    answer = client.post(f"/set-up/{token}/", SET_UP | {"password": NEW})
    assert answer.status_code == 302
    agent = Agent.objects.get()
    assert (agent.role, Brand.objects.get().name, Team.objects.get().name) == (
        "administrator",
        "Shop",
        "Support",
    )
    assert client.get("/profile").status_code == 200
    assert set_up_link() is None
    assert Client().get(f"/set-up/{token}/").status_code == 410


def test_before_the_set_up_the_sign_in_said_nothing_of_it(client):
    assert "Rapport is not set up yet." in client.get("/", follow=True).content.decode()
    person()
    assert "Rapport is not set up yet." not in client.get("/", follow=True).content.decode()


def test_set_up_named_one_error_at_a_time_and_took_the_own_name_for_a_password():
    path = f"/set-up/{token_of(set_up_link())}/"
    typed = {"name": "Nina Probe", "address": "nina", "brand_name": "", "team_name": "T"}
    page = Client().post(path, typed | {"password": "Nina Probe"}).content.decode()
    assert "too similar to the name" in page
    assert page.count('class="field__errors"') == 3


def test_after_the_set_up_the_next_step_is_named(client):
    path = f"/set-up/{token_of(set_up_link())}/"
    page = client.post(path, SET_UP | {"password": NEW}, follow=True).content.decode()
    assert "Connect an inbox first, then invite people." in page
    assert 'href="/settings/inboxes/new"' in page
    assert "There is no inbox that you may write from." in client.get("/new").content.decode()


def test_an_invited_person_took_their_own_name_for_a_password():
    agent, token = invited()
    answer = Client().post(f"/invitation/{token}/", {"password": agent.name})
    assert (answer.status_code, "too similar" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("a short sentence", True),
        ("the test was a long one", True),
        ("Test-Person 2026!", False),
        ("testperson1", False),
        ("new@staff.example", False),
    ],
)
def test_a_short_sentence_was_said_to_be_like_the_name(password, taken):
    account = Account(email="new@staff.example")
    account.agent = Agent(name="Test Person")
    refused = []
    try:
        validate_password(password, account)
    except ValidationError as error:
        refused = error.messages
    assert bool(refused) != taken


def test_a_double_click_on_set_up_said_that_the_link_no_longer_works():
    path, typed = f"/set-up/{token_of(set_up_link())}/", SET_UP | {"password": NEW}
    assert Client().post(path, typed).status_code == 302
    second = Client()
    assert second.post(path, typed).status_code == 302
    assert second.get("/profile").status_code == 200
    assert Agent.objects.count() == 1
    assert Client().post(path, typed | {"password": "another word 12"}).status_code == 410
    with clock.travel(clock.now() + timedelta(minutes=2)):
        assert Client().post(path, typed).status_code == 410


def test_whoever_was_on_the_staff_got_in_by_a_set_up_link_just_used():
    path, typed = f"/set-up/{token_of(set_up_link())}/", SET_UP | {"password": NEW}
    Client().post(path, typed)
    other = person()
    answer = Client().post(path, typed | {"address": other.account.email, "password": PASSWORD})
    assert answer.status_code == 410


def test_a_double_click_on_an_invitation_said_that_the_link_no_longer_works():
    path = f"/invitation/{invited()[1]}/"
    assert Client().post(path, {"password": NEW}).status_code == 302
    second = Client()
    assert second.post(path, {"password": NEW}).status_code == 302
    assert second.get("/profile").status_code == 200
    assert Client().post(path, {"password": "another word 12"}).status_code == 410
    with clock.travel(clock.now() + timedelta(minutes=2)):
        assert Client().post(path, {"password": NEW}).status_code == 410


def test_set_up_is_shut_once_there_is_anybody():
    token = token_of(set_up_link())
    person()
    with pytest.raises(Void):
        first_administrator(token=token, password=NEW, **SET_UP)


def test_a_refused_set_up_leaves_nothing_behind():
    token = token_of(set_up_link())
    with pytest.raises(Refused):
        first_administrator(token=token, password=NEW, **(SET_UP | {"address": "no address"}))
    assert not Brand.objects.exists()
    assert SetUpLink.objects.get().used_at is None


def test_two_factor_sign_in_asks_for_the_code(client):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    agent = person()
    secret = generate_totp_secret()
    TOTP.activate(agent.account, secret)
    answer = client.post("/accounts/login/", {"login": agent.account.email, "password": PASSWORD})
    assert answer.url == "/accounts/2fa/authenticate/"
    assert client.get("/profile").status_code == 302
    assert client.post(answer.url, {"code": "000000"}).status_code == 200
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post(answer.url, {"code": code}).status_code == 302
    assert client.get("/profile").status_code == 200
    replay = Client()
    replay.post("/accounts/login/", {"login": agent.account.email, "password": PASSWORD})
    replay.post("/accounts/2fa/authenticate/", {"code": code})
    assert replay.get("/profile").status_code == 302


def test_the_address_in_the_mail_is_a_link_one_can_press():
    invited()
    assert re.search(r"^https?://\S+/invitation/[\w-]{43}/$", mail.outbox[0].body, re.MULTILINE)


@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("mailänderin", True),
        ("unter der erde von com", True),
        ("an example to us", True),
        ("heide und wald und flur", True),
        ("heide 12345 x", False),
        ("Ann-Kathrin 123456", False),
        ("heide aaaaaaaaa!", False),
        ("annkathrinvonderheide", False),
        ("ann@mail.shop.example", False),
        ("shopshop 2026", False),
    ],
)
def test_harmless_words_were_taken_for_the_own_name_and_the_name_with_a_number_was_not(password, taken):
    account = Account(email="ann@mail.shop.example")
    account.agent = Agent(name="Ann-Kathrin von der Heide")
    try:
        validate_password(password, account)
    except ValidationError as error:
        refused = any("too similar" in words for words in error.messages)
        assert (taken, refused) == (False, True)
    else:
        assert taken
