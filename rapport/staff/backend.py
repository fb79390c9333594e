"""Finds who is signed in, with one query for account and agent together."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Exists, QuerySet

from rapport.kernel.db.prepared import prepared
from rapport.kernel.jobs.models import Hold
from rapport.staff.models import Account


class AccountBackend(AuthenticationBackend):
    """Signs in by address and password; a disabled account is nobody from its next request on."""

    def get_user(self, user_id: int) -> Account | None:
        """Return the active account with its agent and ``held`` already loaded, or None."""
        account = _account.first(int(user_id))
        return account if account is not None and self.user_can_authenticate(account) else None


@prepared
def _account(pk: int) -> QuerySet[Account]:
    # Every page says so where this is a copy that holds; asked for here, that costs no query of its own.
    return Account.objects.select_related("agent").annotate(held=Exists(Hold.objects.all())).filter(pk=pk)
