"""Each kind of entry on a customer's stream, declared once. Changed words stand in ``CustomerWords``."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from rapport.kernel.stream.kinds import Audience, Kind, register_kind

STREAM = "customer"


@dataclass(frozen=True, kw_only=True)
class Created:
    """A person was recognised as new."""

    identity_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Changed:
    """The record of a person changed."""

    company_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class AboutIdentity:
    """Something about an address, number or handle of the person."""

    identity_id: int


@dataclass(frozen=True, kw_only=True)
class Merged:
    """Two records turned out to be one person, or not: ``other_id`` is the record that points here."""

    other_id: int


INTERNAL = Audience.INTERNAL
KINDS = (
    Kind("customer.created", Created, INTERNAL, _("is new"), icon="user-plus"),
    Kind("customer.edited", Changed, INTERNAL, _("changed this person"), icon="pencil"),
    Kind("identity.added", AboutIdentity, INTERNAL, _("added an address"), icon="at-sign"),
    Kind("identity.removed", AboutIdentity, INTERNAL, _("removed an address"), icon="minus"),
    Kind("identity.verified", AboutIdentity, INTERNAL, _("confirmed an address"), icon="badge-check"),
    Kind(
        "identity.blocked",
        AboutIdentity,
        INTERNAL,
        _("blocked an address"),
        icon="ban",
        inverse="identity.unblocked",
    ),
    Kind(
        "identity.unblocked",
        AboutIdentity,
        INTERNAL,
        _("unblocked an address"),
        icon="check",
        inverse="identity.blocked",
    ),
    Kind(
        "customer.merged",
        Merged,
        INTERNAL,
        _("joined two records of one person"),
        icon="git-merge",
        inverse="customer.unmerged",
    ),
    Kind(
        "customer.unmerged",
        Merged,
        INTERNAL,
        _("separated two records"),
        icon="split",
        inverse="customer.merged",
    ),
)


def register() -> None:
    """Declare all kinds; called once by the app's ``ready``."""
    for kind in KINDS:
        register_kind(STREAM, kind)
