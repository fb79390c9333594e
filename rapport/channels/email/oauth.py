"""Access to mailboxes at Google and Microsoft: consent, and the tokens that follow from it.

The authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636), refreshing (RFC 6749 §6), and XOAUTH2 as the
providers describe it.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from rapport.channels.email.models import EmailSettings, OAuth
from rapport.channels.email.sentences import sentence
from rapport.kernel import clock
from rapport.kernel.outbound import http
from rapport.kernel.sentences import Told

EARLY = timedelta(minutes=2)
TIMEOUT_SECONDS = 20.0
MOST_BYTES = 256 * 1024
EVERY_TENANT = "common"


class Provider(NamedTuple):
    """Where a provider asks for consent and gives tokens, what we ask for, and its own parameters."""

    consent: str
    tokens: str
    scope: str
    parameters: dict[str, str]


PROVIDERS = {
    OAuth.GOOGLE: Provider(
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        # Without these Google gives a refresh token for the first consent only.
        {"access_type": "offline", "prompt": "consent"},
    ),
    OAuth.MICROSOFT: Provider(
        "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send "
        "offline_access",
        {"prompt": "select_account"},
    ),
}


class Consent(NamedTuple):
    """A consent that was begun: where the person goes, and what proves that the answer belongs to it."""

    address: str
    state: str
    verifier: str


class SignInRefused(Told):
    """The provider gives no token; ``reason`` says why. ``final`` needs a person."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


def ready(settings: EmailSettings) -> bool:
    """Tell whether a consent can be asked for: the provider is chosen and knows us by a client ID."""
    return bool(settings.oauth_provider and settings.oauth_client_id)


def begin(settings: EmailSettings, redirect_uri: str) -> Consent:
    """Return where a person agrees that we read and send the mailbox's mail."""
    provider = PROVIDERS[OAuth(settings.oauth_provider)]
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": settings.oauth_client_id,
        "redirect_uri": redirect_uri,
        "scope": provider.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": settings.imap_user or settings.smtp_user or settings.inbox.address,
        **provider.parameters,
    }
    address = provider.consent.format(tenant=settings.oauth_tenant or EVERY_TENANT)
    return Consent(f"{address}?{urlencode(asked)}", state, verifier)


def redeem(settings: EmailSettings, *, code: str, verifier: str, redirect_uri: str) -> None:
    """Exchange the code of a consent for tokens, and put them into ``settings``; saves nothing.

    Raises:
        SignInRefused: the provider refuses, cannot be reached, or gives no lasting access.

    """
    answer = _ask(
        settings,
        grant_type="authorization_code",
        code=code,
        code_verifier=verifier,
        redirect_uri=redirect_uri,
    )
    if not answer.get("refresh_token"):
        raise SignInRefused(sentence("access_short", provider=_name(settings)), final=True)
    _take(settings, answer)


def access_token(settings: EmailSettings) -> str:
    """Return a token that is good for two minutes at least, refreshed where needed.

    Raises:
        SignInRefused: the provider refuses, or cannot be reached.

    """
    expires = settings.oauth_expires_at
    if settings.oauth_access_token and expires is not None and expires > clock.now() + EARLY:
        return settings.oauth_access_token
    if not settings.oauth_refresh_token:
        raise SignInRefused(sentence("access_missing", provider=_name(settings)), final=True)
    scope = PROVIDERS[OAuth(settings.oauth_provider)].scope
    _take(
        settings,
        _ask(settings, grant_type="refresh_token", refresh_token=settings.oauth_refresh_token, scope=scope),
    )
    EmailSettings.objects.filter(pk=settings.pk).update(
        oauth_access_token=settings.oauth_access_token,
        oauth_expires_at=settings.oauth_expires_at,
        oauth_refresh_token=settings.oauth_refresh_token,
    )
    return settings.oauth_access_token


def renewed_token(settings: EmailSettings) -> str:
    """Return another token than the one that a server has just refused; raises as ``access_token``.

    A token may end before its time: access was taken back and given again, or our clock is late.
    """
    settings.oauth_access_token, settings.oauth_expires_at = "", None
    return access_token(settings)


def refused(settings: EmailSettings, host: str, said: str) -> SignInRefused:
    """Return the error where a server refuses a token that its provider has just given."""
    words = sentence("access_not_let_in", host=host, provider=_name(settings), said=said[:200].rstrip("."))
    return SignInRefused(words, final=True)


def _take(settings: EmailSettings, answer: dict[str, object]) -> None:
    settings.oauth_access_token = str(answer["access_token"])
    settings.oauth_expires_at = clock.now() + timedelta(seconds=_seconds(answer.get("expires_in")))
    # Microsoft gives a new refresh token with each answer and lets the old one end.
    settings.oauth_refresh_token = str(answer.get("refresh_token") or settings.oauth_refresh_token)


def _ask(settings: EmailSettings, **form: str) -> dict[str, object]:
    name = _name(settings)
    form["client_id"] = settings.oauth_client_id
    if settings.oauth_client_secret:
        form["client_secret"] = settings.oauth_client_secret
    try:
        response = http.fetch(
            _token_address(settings),
            method="POST",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode(form).encode(),
            most_bytes=MOST_BYTES,
            seconds=TIMEOUT_SECONDS,
        )
        answer = json.loads(response.content)
    except http.RequestRefused as error:
        words = sentence("access_not_asked", provider=name, error=error.reason)
        raise SignInRefused(words, final=False) from None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise SignInRefused(sentence("access_not_understood", provider=name), final=False)
    if response.status == 200 and answer.get("access_token"):
        return answer
    said = str(answer.get("error_description") or answer.get("error") or response.status)[:200]
    final = answer.get("error") in {"invalid_grant", "invalid_client", "unauthorized_client"}
    raise SignInRefused(sentence("access_refused", provider=name, said=said.rstrip(".")), final=final)


def _token_address(settings: EmailSettings) -> str:
    known = PROVIDERS[OAuth(settings.oauth_provider)].tokens.format(
        tenant=settings.oauth_tenant or EVERY_TENANT
    )
    return settings.oauth_token_url or known


def _name(settings: EmailSettings) -> str:
    return str(OAuth(settings.oauth_provider).label)


def _seconds(given: object) -> int:
    return int(given) if isinstance(given, int | str) and str(given).isdigit() else 3000
