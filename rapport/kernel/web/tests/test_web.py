import gzip
from datetime import UTC, datetime, timedelta

import jinja2
import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from rapport.kernel import clock
from rapport.kernel.web import assets, door, filters, headers, modules, render
from rapport.kernel.web.moments import Moments

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def request_(rf: RequestFactory):
    return rf.get("/")


def test_a_view_names_its_door_also_when_it_is_a_class():
    @door.door("reply")
    def view(request): ...

    assert door.of(view) == "reply"
    assert door.of(lambda request: None) is None


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=2), "10:00"),
        (timedelta(days=2), "Mon"),
        (timedelta(days=40), "23 Jan"),
        (timedelta(days=400), "28 Jan 2025"),
        (timedelta(minutes=-5), "12:05"),
    ],
)
def test_a_list_shows_a_moment_in_few_characters(ago, words):
    with clock.travel(NOON):
        assert Moments.here().short(NOON - ago) == words


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=2), "10:00"),
        (timedelta(days=2, minutes=5), "Mon 11:55"),
        (timedelta(days=400), "28 Jan 2025 12:00"),
    ],
)
def test_the_time_of_day_of_older_messages_was_nowhere(ago, words):
    with clock.travel(NOON):
        assert Moments.here().timed(NOON - ago) == words
        assert f">{words}</time>" in Moments.here().tag(NOON - ago, timed=True)


@pytest.mark.parametrize(
    ("ago", "later"),
    [(timedelta(seconds=5), "11:59"), (timedelta(minutes=59), "11:01"), (timedelta(minutes=60), None)],
)
def test_a_fresh_moment_says_what_it_becomes(ago, later):
    with clock.travel(NOON):
        moments, mark = Moments.here(), f' data-then="{later}">' if later else "Z"
        for tag in (moments.tag(NOON - ago), moments.titled(NOON - ago)):
            assert (mark in tag) if later else ("data-then" not in tag)
    with clock.travel(NOON + timedelta(hours=12, minutes=10)):
        late = NOON + timedelta(hours=11, minutes=55)
        assert 'data-then="Wed"' in Moments.here().tag(late)
        assert 'data-then="Wed 23:55"' in Moments.here().tag(late, timed=True)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (48_211, "48 kB"),
        (3_400_000, "3.4 MB"),
        (12_000_000, "12 MB"),
    ],
)
def test_a_size_is_said_as_people_say_it(size, words):
    assert filters.file_size(size) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mina Okafor", "MO"),
        ("émile", "É"),
        ("", "?"),
        ("anna.lind@example.com", "AL"),
        ("Ada M. King", "AK"),
        ("💥", "?"),
    ],
)
def test_initials(name, letters):
    assert filters.initials(name) == letters


def test_line_breaks_are_kept_and_markup_is_not():
    assert filters.lines("a\n<b>") == "a<br>&lt;b&gt;"


def test_every_answer_carries_the_security_headers(request_):
    answer = headers.SecurityHeadersMiddleware(lambda request: HttpResponse(status=500))(request_)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert modules.import_map_hash() in policy
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_view_keeps_its_own_policy(request_):
    def view(request):
        return HttpResponse(headers={"Content-Security-Policy": "sandbox"})

    assert headers.SecurityHeadersMiddleware(view)(request_)["Content-Security-Policy"] == "sandbox"


def test_only_a_page_that_asks_for_a_style_nonce_gets_one(request_):
    assert "nonce" not in headers.policy(request_)
    given = headers.nonce(request_)
    assert given == headers.nonce(request_)
    assert f"'nonce-{given}'" in headers.policy(request_)


def test_the_address_of_a_static_file_changes_with_its_content():
    assert assets.static("ui/icons.svg").startswith("/static/ui/icons.svg?v=")
    assert assets.static("no/such/file") == "/static/no/such/file"


def test_the_style_sheet_is_one_answer_with_absolute_addresses(client):
    address = assets.stylesheet_url()
    answer = client.get(address, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    assert b'url("/static/vendor/inter/' in assets.stylesheet().content
    assert client.get("/assets/old.css").headers["Location"] == address


def test_scripts_find_each_other_by_folder_under_one_digest(client):
    address = modules.module_url("ui/main")
    folder = address.removesuffix("main")
    assert f'"ui/":"{folder}"' in modules.import_map()
    answer = client.get(address, headers={"accept-encoding": "gzip"})
    assert (
        gzip.decompress(answer.content)
        == client.get(address).content
        == modules.modules().by_name["ui/main"].content
    )
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer["Cache-Control"]
    assert client.get("/assets/old/ui/main").headers["Location"] == address
    for unknown in (folder, f"{folder}no-such", f"{folder}../../../settings"):
        assert client.get(unknown).status_code == 404
    with pytest.raises(KeyError):
        modules.module_url("ui/no-such")


def test_a_block_sees_what_its_page_sees(request_):
    whole = render.page(request_, "ui/bare_shell.html").content.decode()
    assert 'lang="en"' in whole
    assert render.markup(request_, "ui/bare_shell.html", "foot") in whole


def test_a_forgotten_variable_is_an_error_in_tests():
    with pytest.raises(jinja2.UndefinedError):
        render.jinja().from_string("{{ forgotten }}").render()


def test_text_is_escaped():
    assert render.jinja().from_string("{{ words }}").render(words="<b>") == "&lt;b&gt;"


@override_settings(LANGUAGES=[("ar", "Arabic")])
def test_a_page_knows_its_direction(request_):
    from django.utils import translation

    with translation.override("ar"):
        assert 'dir="rtl"' in render.page(request_, "ui/bare_shell.html").content.decode()
