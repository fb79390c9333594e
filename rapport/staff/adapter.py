"""How allauth behaves here: nobody signs up uninvited, links in mails are ours."""

import logging
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from rapport.staff import audit
from rapport.staff.kinds import AboutAccount
from rapport.staff.models import Account, Agent

log = logging.getLogger(__name__)
OBVIOUS = ("account/messages/logged_in.txt", "account/messages/logged_out.txt")


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up, and takes no host name from a request into a mail or a redirect."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Refuse everybody: people come by invitation."""
        return False

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Leave out what everybody sees: who has just come in or gone out."""
        if message_template not in OBVIOUS:
            super().add_message(request, level, message_template, message_context, extra_tags, message)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down from where somebody tried; the log is what a firewall's ban list reads."""
        super().authentication_failed(request, **credentials)
        log.warning("sign-in refused from %s", self.get_client_ip(request))

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **how: Any) -> HttpResponse:
        """Audit the sign-in and its address; the second factor, where there is one, has been given."""
        answer = super().post_login(request, user, **how)
        agent = Agent.objects.filter(account_id=user.pk).first()
        if agent is not None:
            came = {"address": self.get_client_ip(request)}
            with transaction.atomic():
                audit.record(
                    agent, "account.signed_in", AboutAccount(account_id=user.pk), about=agent, after=came
                )
        return answer

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail whose words name the configured site, never the request's ``Host``."""
        site = SimpleNamespace(name="Rapport", domain=urlsplit(settings.BASE_URL).netloc)
        super().send_mail(template_prefix, email, context | {"current_site": site})

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """Send a reset link to somebody who has a password; an invited person uses the invitation."""
        if user.has_usable_password():
            super().send_password_reset_mail(user, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the address in the reset mail."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return str(settings.BASE_URL) + path.replace("UID-KEY", key)

    def is_safe_url(self, url: str) -> bool:
        """Tell whether to go on to ``url`` after sign-in: a path of ours, or our configured address."""
        ours = urlsplit(settings.BASE_URL)
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={ours.netloc}, require_https=ours.scheme == "https"
        )

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Set the password, which ends all other sessions, and close what they have open."""
        from rapport.staff.actions.set_password import set_password

        if not isinstance(user, Account):
            raise TypeError(user)
        agent = Agent.objects.filter(account=user).first()
        set_password(actor=agent, account=user, password=password)
