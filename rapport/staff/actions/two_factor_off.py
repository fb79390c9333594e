"""Switching two-factor sign-in off for somebody who has lost phone and recovery codes."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.staff import second_factor
from rapport.staff.actions.sign_out_everywhere import sign_out_everywhere
from rapport.staff.authority import Refused, require_over
from rapport.staff.models import Agent

PATH = "/profile/security"


def two_factor_off(*, actor: Agent | None, agent: Agent) -> None:
    """Let the password alone sign ``agent`` in, end all their sessions, and tell them by mail.

    Raises:
        NotAllowed: the actor may not manage people of this role.
        Refused: it is the actor's own, or there is none.

    """
    require_over(actor, agent.role)
    # A session somebody left open must not take its own second step away without a code.
    if actor is not None and actor.pk == agent.pk:
        raise Refused("two_factor", gettext_lazy("Switch your own off in your profile, under sign-in."))
    with transaction.atomic():
        if not second_factor.remove(agent.account, by=actor):
            raise Refused("two_factor", gettext_lazy("Two-factor sign-in is not switched on."))
        sign_out_everywhere(actor=actor, agent=agent)
        with translation.override(agent.language):
            send_mail(
                _("Your two-factor sign-in was switched off"),
                _(
                    "Hello %(name)s,\n\n"
                    "%(who)s switched your two-factor sign-in to Rapport off, and you were signed out "
                    "everywhere. Your password alone signs you in now. Please switch it on again:\n\n"
                    "%(link)s\n\n"
                    "If you did not ask for this, tell your administrator at once.\n"
                )
                % {
                    "name": agent.name,
                    "who": actor.name if actor else _("The operator"),
                    "link": f"{settings.BASE_URL}{PATH}",
                },
                None,
                [agent.account.email],
            )
