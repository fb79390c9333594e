"""Pages about what is missing, refused and broken."""

import pytest
from django.db import connection
from django.test import Client

from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.staff.tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(client) -> Agent:
    agent = person("Lena Adler", Role.ADMINISTRATOR, password=None)
    Agent.objects.filter(pk=agent.pk).update(language="de")
    client.force_login(agent.account)
    return agent


@pytest.mark.parametrize("address", ["/no-such-page", "/settings/people/99999"])
def test_a_missing_page_speaks_the_language_of_who_is_signed_in(client, lena, address):
    page = client.get(address, headers={"Accept-Language": "en"})
    assert page.status_code == 404
    assert '<html lang="de"' in page.content.decode()
    assert "Hier ist nichts" in page.content.decode()


def test_a_missing_page_speaks_the_browsers_language_to_a_stranger(client):
    assert "Hier ist nichts" in client.get("/no-such", headers={"Accept-Language": "de"}).content.decode()
    assert "There is nothing here" in client.get("/no-such").content.decode()


def test_an_expired_form_speaks_the_language_of_who_is_signed_in(lena):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(lena.account)
    page = browser.post("/settings/people/new", headers={"Accept-Language": "en"})
    assert page.status_code == 403
    assert '<html lang="de"' in page.content.decode()


def test_a_fault_is_explained_on_a_page_while_the_database_fails(client, lena):
    client.raise_request_exception = False

    def fails(execute, sql, params, many, context):
        raise OSError("the database is gone")

    with connection.execute_wrapper(fails):
        page = client.get("/settings/people", headers={"Accept-Language": "de"})
        plain = client.get("/settings/people", headers={"HX-Request": "true"})
    assert page.status_code == plain.status_code == 500
    words = page.content.decode()
    assert '<html lang="de"' in words
    assert "stylesheet" in words
    assert 'href="/"' in words
    assert plain.headers["Content-Type"].startswith("text/plain")
    assert "OSError" not in words


@pytest.mark.parametrize(
    "page", ["/settings/queues/nothing/retry", "/settings/people/999999999999999999999", "/avatars/99"]
)
def test_what_does_not_exist_is_not_found(client, boss, page):
    answer = client.post(page) if page.endswith("retry") else client.get(page)
    assert answer.status_code == 404


def test_a_refused_page_says_so(client):
    agent = person(password=None)
    client.force_login(agent.account)
    answer = client.get("/settings/people")
    assert answer.status_code == 403
    assert "Your role does not allow" in answer.content.decode()


def test_a_missing_page_says_so(client, boss):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
