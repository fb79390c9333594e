"""Keeping the access to a mailbox that a person has agreed to at Google or Microsoft."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.channels.email import oauth
from rapport.channels.email.models import EmailSettings
from rapport.inboxes.kinds import AboutInbox
from rapport.inboxes.models import Inbox
from rapport.kernel.sentences import say
from rapport.staff import audit
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def finish_sign_in(*, actor: Agent | None, inbox: Inbox, code: str, verifier: str, redirect_uri: str) -> None:
    """Exchange the code for tokens and keep them encrypted; the mail process takes them up.

    Raises:
        NotAllowed: the actor may not change settings.
        Refused: the provider gives no lasting access; the reason in words.

    """
    require(actor, Permission.SETTINGS)
    asked = EmailSettings.objects.filter(inbox=inbox).first()
    if asked is None or not oauth.ready(asked):
        raise Refused("oauth_provider", _("Choose Google or Microsoft and save the client ID first."))
    try:
        oauth.redeem(asked, code=code, verifier=verifier, redirect_uri=redirect_uri)
    except oauth.SignInRefused as refused:
        raise Refused("oauth_provider", say(refused.reason)) from None
    with transaction.atomic():
        kept = EmailSettings.objects.select_for_update().get(pk=asked.pk)
        kept.oauth_refresh_token = asked.oauth_refresh_token
        kept.oauth_access_token, kept.oauth_expires_at = asked.oauth_access_token, asked.oauth_expires_at
        kept.save()
        audit.record(
            actor,
            "inbox.connected",
            AboutInbox(inbox_id=inbox.pk),
            about=inbox,
            after={"oauth_refresh_token": "•••"},
        )
