"""Sending the mail that shows whether plus addresses of an inbox arrive."""

import time

from django.utils.translation import gettext as _

from rapport.channels.email import plus_proof, reply_token
from rapport.channels.email.models import EmailSettings, Incoming, Outgoing
from rapport.channels.email.send import send
from rapport.inboxes.contract import Address, OutgoingMessage, SendError
from rapport.inboxes.models import Inbox
from rapport.kernel import clock
from rapport.kernel.jobs.hold import HELD, held
from rapport.kernel.sentences import say
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

SECONDS = 30.0
"""How long the mail server may take for everything, as somebody waits: it also looks through the mail."""


def can_try(settings: EmailSettings) -> bool:
    """Tell whether mail comes in and goes out, so that a test can be sent at all."""
    return settings.outgoing != Outgoing.NONE and settings.incoming != Incoming.NONE


def try_plus_address(*, actor: Agent | None, inbox: Inbox) -> None:
    """Send a test mail from the inbox to a plus address of its own; a former proof ends.

    Replies carry plus addresses again when the mail has come in. It never becomes a conversation.

    Raises:
        NotAllowed: the actor may not change settings.
        Refused: mail does not come in or go out, this is a restored copy that holds, or the mail was not
            taken; the reason in words.

    """
    require(actor, Permission.SETTINGS)
    settings = EmailSettings.objects.filter(inbox=inbox).first()
    if settings is None or not can_try(settings):
        raise Refused("plus_address", _("First say how mail comes in and how it goes out."))
    if held():
        raise Refused("plus_address", HELD)
    token = reply_token.make_token(plus_proof.key_of(inbox.pk))
    # Written first: the mail may be back before the mail server has answered us.
    _note(inbox, plus_test=token, plus_tested_at=clock.now(), plus_proven_at=None, plus_proven_for="")
    try:
        answers = send(_mail(inbox, token), settings, until=time.monotonic() + SECONDS).recipients
        refused = [say(each.detail) for each in answers if not each.accepted]
    except SendError as error:
        refused = [say(error.reason)]
    if refused:
        _note(inbox, plus_test="", plus_tested_at=None)
        words = _("The test mail to a plus address could not be sent: {reason}")
        raise Refused("plus_address", words.format(reason=refused[0]))


def _note(inbox: Inbox, **values: object) -> None:
    EmailSettings.objects.filter(inbox=inbox).update(**values)


def _mail(inbox: Inbox, token: str) -> OutgoingMessage:
    domain = inbox.address.rpartition("@")[2]
    return OutgoingMessage(
        identity=f"<plus-test.{token}@{domain}>",
        sender=Address(inbox.address, inbox.sender_name),
        to=(Address(reply_token.proof_address(token, inbox.address)),),
        subject=_("Test: do plus addresses arrive?"),
        text=_(
            "Rapport sent this mail to find out whether mail to a plus address of this inbox arrives. "
            "Nobody needs to do anything."
        ),
        automatic=True,
    )
