"""Adding, removing, confirming and blocking addresses of a person."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.customers import timeline
from rapport.customers.actions.identify import identity_lock
from rapport.customers.kinds import AboutIdentity
from rapport.customers.models import Customer, Identity
from rapport.customers.values import normalised
from rapport.kernel.clock import now
from rapport.kernel.db.locks import lock_name
from rapport.kernel.stream.append import Actor
from rapport.kernel.stream.models import ActorKind
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def add_identity(
    *, agent: Agent, customer: Customer, value: str, kind: str = "email", verified: bool = False
) -> Identity:
    """Give the person another identity. Where somebody has it already, both stand and are marked shared.

    Raises:
        NotAllowed: the agent may not edit customers.
        Refused: the value is empty or no address.

    """
    require(agent, Permission.CUSTOMERS)
    wanted = normalised(kind, value)
    if not wanted or (kind == "email" and "@" not in wanted[1:-1]):
        raise Refused("value", _("This is no mail address."))
    return give_identity(agent=agent, customer=customer, kind=kind, value=wanted, verified=verified)


def give_identity(
    *, agent: Agent, customer: Customer, kind: str, value: str, verified: bool = False
) -> Identity:
    """Give the person an identity and tell of it; the caller has judged value and permission."""
    wanted = normalised(kind, value)
    with transaction.atomic():
        lock_name(identity_lock(kind, wanted))
        identity, made = Identity.objects.get_or_create(
            kind=kind, value=wanted, customer=customer, defaults={"verified": verified, "created_at": now()}
        )
        if made:
            mark_shared(kind, wanted)
            _tell(agent, identity, "identity.added", after={"value": wanted})
    identity.refresh_from_db()
    return identity


def remove_identity(*, agent: Agent, identity: Identity) -> None:
    """Take an identity away; messages of the past keep their address. Raises ``NotAllowed``."""
    require(agent, Permission.CUSTOMERS)
    with transaction.atomic():
        lock_name(identity_lock(identity.kind, identity.value))
        _tell(agent, identity, "identity.removed", before={"value": identity.value})
        Identity.objects.filter(pk=identity.pk).delete()
        mark_shared(identity.kind, identity.value)


def verify_identity(*, agent: Agent, identity: Identity) -> None:
    """Say that the identity is proven to be the person's; raises ``NotAllowed``."""
    require(agent, Permission.CUSTOMERS)
    with transaction.atomic():
        if Identity.objects.filter(pk=identity.pk, verified=False).update(verified=True):
            _tell(agent, identity, "identity.verified")
    identity.verified = True


def block_identity(*, agent: Agent, identity: Identity, blocked: bool) -> None:
    """Send what comes from this address to the spam view, or no longer; raises ``NotAllowed``."""
    require(agent, Permission.TRAYS)
    with transaction.atomic():
        same = Identity.objects.filter(kind=identity.kind, value=identity.value)
        if same.filter(blocked=not blocked).update(blocked=blocked):
            _tell(agent, identity, "identity.blocked" if blocked else "identity.unblocked")
    identity.blocked = blocked


def heard_from(identity: Identity) -> None:
    """Take the mark away, from all who have this address, that mail to it came back: one writes from it."""
    if identity.bounced_at is not None or identity.shared:
        same = Identity.objects.filter(kind=identity.kind, value=identity.value, bounced_at__isnull=False)
        same.update(bounced_at=None, bounce_reason="")


def mark_shared(kind: str, value: str) -> None:
    """Mark the rows of an identity that several people have; the caller holds its lock."""
    rows = Identity.objects.filter(kind=kind, value=value)
    rows.update(shared=rows.count() > 1)


def _tell(
    agent: Agent,
    identity: Identity,
    kind: str,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    timeline.append(
        identity.customer,
        kind,
        AboutIdentity(identity_id=identity.pk),
        actor=Actor(ActorKind.AGENT, agent.pk),
        before=before,
        after=after,
    )
