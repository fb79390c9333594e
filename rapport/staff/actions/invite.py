"""Inviting a member of staff by mail to choose a password."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from rapport.kernel.clock import now
from rapport.staff import audit, tokens
from rapport.staff.authority import Refused, require_over
from rapport.staff.kinds import AboutAgent
from rapport.staff.models import Agent, Invitation

VALID_FOR = timedelta(days=7)
PATH = "/invitation/"


def invite(*, actor: Agent | None, agent: Agent) -> str:
    """Send ``agent`` a one-time link, void all earlier ones, and return the link for the command line.

    The link sets a password and nothing else: two-factor sign-in stays as it is.

    Raises:
        NotAllowed: the actor may not manage people of this role.
        Refused: the account is disabled.

    """
    require_over(actor, agent.role)
    account = agent.account
    if not (agent.active and account.is_active):
        raise Refused("address", _("This account is disabled. Enable it first."))
    token = tokens.make()
    link = f"{settings.BASE_URL}{PATH}{token}/"
    with transaction.atomic():
        account.invitations.filter(used_at=None).update(expires_at=now())
        Invitation.objects.create(
            account=account, token_hash=tokens.digest(token), created_at=now(), expires_at=now() + VALID_FOR
        )
        audit.record(actor, "agent.invited", AboutAgent(agent_id=agent.pk), about=agent)
        with translation.override(agent.language):
            send_mail(
                _("Your invitation to Rapport"),
                _(
                    "Hello %(name)s,\n\n"
                    "you are invited to answer customers with Rapport. Choose your password here:\n\n"
                    "%(link)s\n\n"
                    "The link works once, within seven days. "
                    "If you did not expect this mail, you can ignore it.\n"
                )
                % {"name": agent.name, "link": link},
                None,
                [account.email],
            )
    return link
