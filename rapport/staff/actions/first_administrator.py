"""The first way in: a one-time link while nobody is on the staff."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from rapport.kernel.clock import now
from rapport.staff import tokens
from rapport.staff.actions.accept_invitation import PRESSED_TWICE, Void, check_password
from rapport.staff.actions.brands import create_brand
from rapport.staff.actions.create_agent import create_agent
from rapport.staff.actions.teams import create_team
from rapport.staff.models import Account, Agent, SetUpLink
from rapport.staff.roles import Role

VALID_FOR = timedelta(days=1)
PATH = "/set-up/"


def set_up_link() -> str | None:
    """Return a new one-time link and void earlier ones; None where somebody is already on the staff."""
    token = tokens.make()
    with transaction.atomic():
        if Agent.objects.exists():
            return None
        SetUpLink.objects.filter(used_at=None).delete()
        SetUpLink.objects.create(token_hash=tokens.digest(token), expires_at=now() + VALID_FOR)
    return f"{settings.BASE_URL}{PATH}{token}/"


def check_link(token: str) -> SetUpLink:
    """Return the link that ``token`` still opens; raises ``Void``. Changes nothing."""
    found = SetUpLink.objects.filter(
        token_hash=tokens.digest(token) or None, used_at=None, expires_at__gt=now()
    ).first()
    if found is None or Agent.objects.exists():
        raise Void
    return found


def check_first_password(password: str, *, name: str, address: str) -> None:
    """Raise ``Refused`` with all reasons where the password is too weak for this person, who is not yet."""
    account = Account(email=address)
    Agent(account=account, name=name)
    check_password(password, account)


def first_administrator(
    *, token: str, name: str, address: str, password: str, brand_name: str, team_name: str
) -> Agent:
    """Make the administrator with a first brand and team, and use the link up.

    Raises:
        Void: the link opens nothing, or another request has just used it.
        Refused: a value cannot be; nothing was made and the link stays good.

    """
    check_first_password(password, name=name, address=address)
    with transaction.atomic():
        link = check_link(token)
        # Two requests with one link: the conditional update lets only one of them through.
        if not SetUpLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now()):
            raise Void
        brand = create_brand(actor=None, name=brand_name)
        team = create_team(actor=None, name=team_name)
        return create_agent(
            actor=None,
            address=address,
            name=name,
            role=Role.ADMINISTRATOR,
            password=password,
            team_ids=[team.pk],
            brand_ids=[brand.pk],
        )


def just_made(*, token: str, address: str, password: str) -> Account:
    """Return who became administrator by this link within the last minute: a second click asks again.

    Raises:
        Void: nobody did, or with another password.

    """
    used = SetUpLink.objects.filter(
        token_hash=tokens.digest(token) or None, used_at__gt=now() - PRESSED_TWICE
    )
    # A link makes the first agent or none.
    first = Agent.objects.order_by("pk").values("pk")[:1]
    made = Account.objects.filter(email__iexact=address, is_active=True, agent__pk__in=first)
    account = made.first() if used else None
    if account is None or not account.check_password(password):
        raise Void
    return account
