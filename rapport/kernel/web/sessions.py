"""Django's sessions in the database, read by a prepared statement: every request of an agent reads one."""

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from rapport.kernel.db.prepared import prepared


class SessionStore(db.SessionStore):
    """A session of Django's own table."""

    def _get_session_from_db(self) -> Session | None:
        found = _unexpired(self.session_key or "", timezone.now())
        if not found:
            self._session_key = None
            return None
        return found[0]


@prepared
def _unexpired(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
