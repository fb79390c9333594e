import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from django.utils import translation

from rapport.channels.email.models import EmailSettings, OAuth
from rapport.channels.email.oauth import MOST_BYTES, SignInRefused, access_token
from rapport.channels.email.tests.conftest import make_inbox
from rapport.kernel import clock
from rapport.kernel.outbound.tests.loopback import loopback_at
from rapport.kernel.sentences import kept, say


class Provider(BaseHTTPRequestHandler):
    answers: list[tuple[int, object]] = []
    asked: list[dict[str, list[str]]] = []

    def do_POST(self) -> None:
        self.asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        status, body = self.answers.pop(0)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[str]:
    Provider.answers, Provider.asked = [], []
    with HTTPServer(("127.0.0.1", 0), Provider) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        with loopback_at(server.server_port):
            yield f"http://127.0.0.1:{server.server_port}/token"
        server.shutdown()
        thread.join()


def settings_for(url: str) -> EmailSettings:
    make_inbox(
        oauth_provider=OAuth.MICROSOFT,
        oauth_client_id="app",
        oauth_client_secret="s",
        oauth_refresh_token="r1",
        oauth_token_url=url,
    )
    return EmailSettings.objects.get()


def test_a_token_is_refreshed_kept_encrypted_and_used_until_it_ends(provider: str, db: None) -> None:
    from django.db import connection

    settings = settings_for(provider)
    Provider.answers = [(200, {"access_token": "t1", "expires_in": 3600, "refresh_token": "r2"})]
    assert access_token(settings) == "t1"
    assert Provider.asked[0]["refresh_token"] == ["r1"]
    again = EmailSettings.objects.get()
    assert (access_token(again), again.oauth_refresh_token) == ("t1", "r2")
    with connection.cursor() as cursor:
        cursor.execute("SELECT oauth_access_token, oauth_refresh_token FROM email_emailsettings")
        assert not {"t1", "r2"} & set(cursor.fetchone())
    EmailSettings.objects.update(oauth_expires_at=clock.now())
    Provider.answers = [(200, {"access_token": "t3", "expires_in": "3600"})]
    assert access_token(EmailSettings.objects.get()) == "t3"
    assert Provider.asked[1]["refresh_token"] == ["r2"]


@pytest.mark.parametrize(
    ("answer", "final"),
    [
        ((400, {"error": "invalid_grant", "error_description": "revoked"}), True),
        ((503, {"error": "temporarily_unavailable"}), False),
        ((200, {}), False),
        ((200, ["no"]), False),
    ],
)
def test_a_refusal_is_said_in_words(
    answer: tuple[int, object], provider: str, db: None, *, final: bool
) -> None:
    settings = settings_for(provider)
    Provider.answers = [answer]
    with pytest.raises(SignInRefused) as caught:
        access_token(settings)
    assert caught.value.final is final
    assert "Microsoft" in str(caught.value)


def test_a_provider_that_is_not_there_is_tried_again(db: None) -> None:
    with pytest.raises(SignInRefused) as caught:
        access_token(settings_for("http://127.0.0.1:1/token"))
    assert not caught.value.final


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/token", "http://169.254.169.254/token", "file:///etc/passwd"]
)
def test_a_token_was_asked_for_at_an_address_of_our_own_network(url: str, db: None) -> None:
    with pytest.raises(SignInRefused) as caught:
        access_token(settings_for(url))
    assert "could not be asked" in str(caught.value)


def test_why_a_provider_was_not_asked_was_english_for_german_readers(db: None) -> None:
    with pytest.raises(SignInRefused) as caught:
        access_token(settings_for("http://127.0.0.1/token"))
    with translation.override("de"):
        words = say(kept(caught.value.reason, 500))
    assert words.endswith("127.0.0.1 liegt nicht im öffentlichen Internet.")


def test_an_answer_that_is_no_json_is_not_understood(provider: str, db: None) -> None:
    Provider.answers = [(502, b"<html>")]
    with pytest.raises(SignInRefused, match="not understood") as caught:
        access_token(settings_for(provider))
    assert not caught.value.final
    assert not caught.value.final


def test_an_endless_answer_of_a_provider_is_not_read_to_its_end(provider: str, db: None) -> None:
    Provider.answers = [(200, {"access_token": "t" * MOST_BYTES})]
    with pytest.raises(SignInRefused) as caught:
        access_token(settings_for(provider))
    assert "larger than" in str(caught.value)
