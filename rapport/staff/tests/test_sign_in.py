import re
from ipaddress import ip_network

import pytest
from django.core import mail
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse

from rapport.kernel.db.models import CacheRow
from rapport.kernel.jobs import tasks, worker
from rapport.staff.actions.disable import disable
from rapport.staff.actions.sign_out_everywhere import sign_out_everywhere
from rapport.staff.models import Account, AuditEntry
from rapport.staff.roles import Role
from rapport.staff.tests.people import PASSWORD, person

pytestmark = pytest.mark.django_db


def sign_in(client: Client, address: str = "mara@shop.example", password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": address, "password": password})


def signed_in(client: Client) -> bool:
    return client.get(reverse("account_change_password")).status_code == 200


def test_address_and_password_sign_in_whatever_the_case(client):
    person()
    assert not signed_in(client)
    assert sign_in(client, "Mara@Shop.Example").status_code == 302
    assert signed_in(client)


def test_the_sign_in_was_announced_much_later_on_another_page(client):
    person()
    sign_in(client)
    assert "signed in as" not in client.get("/profile/notifications").content.decode()
    client.post(reverse("account_logout"))
    assert "signed out" not in client.get(reverse("account_login")).content.decode()


def test_a_wrong_password_does_not(client):
    person()
    assert sign_in(client, password="wrong").status_code == 200
    assert not signed_in(client)


def test_guessing_is_slowed_down(client):
    person()
    for _ in range(6):
        sign_in(client, password="wrong")
    sign_in(client)
    assert not signed_in(client)


def test_many_guesses_at_made_up_addresses_ended_the_limit_of_an_account(client, monkeypatch):
    monkeypatch.setattr(caches["default"], "_max_entries", 300)
    person()
    for _ in range(6):
        sign_in(client, password="wrong")
    for number in range(400):
        cache.set(f"zz{number}", [1.0], 300)
    sign_in(client)
    assert not signed_in(client)


def test_expired_limits_stayed_in_the_table_for_ever():
    cache.set("old", 1, -5)
    cache.set("new", 1, 300)
    tasks.enqueue("web.forget_expired")
    worker.drain(["jobs"])
    assert [row.cache_key for row in CacheRow.objects.all()] == [":1:new"]


def guess(client: Client, times: int, forwarded: str) -> None:
    for number in range(times):
        given = {"login": f"{number}@shop.example", "password": "wrong"}
        client.post(reverse("account_login"), given, headers={"X-Forwarded-For": forwarded})


def test_a_forged_header_gives_a_guesser_no_second_address(client):
    person()
    for number in range(11):
        guess(client, 1, f"203.0.113.{number}")
    sign_in(client)
    assert not signed_in(client)


def test_behind_a_proxy_of_ours_only_the_guesser_is_slowed_down(client, settings):
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)
    person()
    guess(Client(), 11, "6.6.6.6, 203.0.113.66")
    form = {"login": "mara@shop.example", "password": PASSWORD}
    client.post(reverse("account_login"), form, HTTP_X_FORWARDED_FOR="203.0.113.66")
    assert not signed_in(client)
    client.post(reverse("account_login"), form, HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert signed_in(client)


def test_the_audit_knows_from_where_somebody_signed_in_and_the_log_who_was_refused(client, settings, caplog):
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)
    mara = person()
    for password in ("wrong", PASSWORD):
        form = {"login": "mara@shop.example", "password": password}
        client.post(reverse("account_login"), form, HTTP_X_FORWARDED_FOR="203.0.113.7")
    entry = AuditEntry.objects.get(kind="account.signed_in")
    assert (entry.actor_id, entry.words.after) == (mara.pk, {"address": "203.0.113.7"})
    assert caplog.messages.count("sign-in refused from 203.0.113.7") == 1


def test_nobody_signs_up(client):
    answer = client.post(
        "/accounts/signup/", {"email": "stranger@else.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert answer.status_code == 404
    assert not Account.objects.exists()


def test_the_adapter_refuses_sign_up_even_where_the_route_is_open(rf):
    from allauth.account.adapter import get_adapter

    assert get_adapter().is_open_for_signup(rf.get("/")) is False


def test_a_disabled_account_is_refused_at_once(client):
    boss, agent = person("Boss Adler", Role.ADMINISTRATOR), person()
    sign_in(client)
    assert signed_in(client)
    disable(actor=boss, agent=agent)
    assert not signed_in(client)
    sign_in(client)
    assert not signed_in(client)


def test_sign_out_everywhere_ends_every_session(client):
    agent = person()
    other = Client()
    sign_in(client)
    sign_in(other)
    sign_out_everywhere(actor=agent, agent=agent)
    assert not signed_in(client)
    assert not signed_in(other)
    sign_in(client)
    assert signed_in(client)


def test_an_account_without_agent_gets_nothing(client):
    Account.objects.create_user("ghost@shop.example", PASSWORD)
    sign_in(client, "ghost@shop.example")
    assert client.get(reverse("account_change_password")).status_code == 403


@pytest.mark.parametrize("header", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST"])
def test_reset_links_come_from_the_configured_address_only(client, settings, header):
    settings.BASE_URL = "https://desk.shop.example"
    settings.ALLOWED_HOSTS = ["*"]
    person()
    client.post(reverse("account_reset_password"), {"email": "mara@shop.example"}, **{header: "evil.example"})
    assert len(mail.outbox) == 1
    assert "evil.example" not in str(mail.outbox[0].message())
    links = re.findall(r"https?://\S+", str(mail.outbox[0].body))
    assert links
    assert all(link.startswith("https://desk.shop.example/accounts/password/reset/key/") for link in links)


def test_the_reset_link_sets_a_password(client):
    person()
    client.post(reverse("account_reset_password"), {"email": "mara@shop.example"})
    path = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[0].body))[1]
    page = client.get(path, follow=True)
    client.post(
        page.request["PATH_INFO"], {"password1": "another secret 9x", "password2": "another secret 9x"}
    )
    sign_in(client, password="another secret 9x")
    assert signed_in(client)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client):
    person()
    known = client.post(reverse("account_reset_password"), {"email": "mara@shop.example"})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@shop.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert len(mail.outbox) == 1


def test_an_invited_person_without_password_gets_no_reset_link(client):
    person(password=None)
    client.post(reverse("account_reset_password"), {"email": "mara@shop.example"})
    assert mail.outbox == []


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_goes_on_to_own_pages_only(client, target):
    person()
    answer = client.post(
        reverse("account_login"), {"login": "mara@shop.example", "password": PASSWORD, "next": target}
    )
    assert answer.status_code == 302
    assert answer.url == "/"


def test_passwords_are_kept_as_argon2(client):
    assert person().account.password.startswith("argon2")


@pytest.mark.parametrize("front_page", ["account_login", "demo"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("header", [{"X-Requested-With": "fetch"}, {"HX-Request": "true"}])
def test_a_script_took_the_page_to_sign_in_on_for_what_it_had_asked(
    client, settings, front_page, method, header
):
    settings.LOGIN_URL = front_page
    assert getattr(client, method)("/profile", headers=header).status_code == 401
    assert getattr(client, method)("/profile").status_code == 302
