"""What every test needs."""

from collections.abc import Iterator

import pytest
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

# Two cores shared with servers and browsers: a slow example is no failure.
hypothesis_settings.register_profile("rapport", deadline=None, database=None)
hypothesis_settings.load_profile("rapport")

pytest_plugins = ["tests.servers.fixtures", "tests.columns"]
TRANSACTIONAL = frozenset({"transactional_db", "live_server", "django_db_serialized_rollback"})


@pytest.fixture(autouse=True)
def _no_language_stays() -> Iterator[None]:
    """Forget the language that a request of the test has chosen: a thread keeps it."""
    yield
    from django.utils import translation

    translation.deactivate_all()


@pytest.fixture(autouse=True)
def _empty_word_indexes(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Empty the word indexes after a test that commits: Django's flush knows only the tables of models."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if commits or TRANSACTIONAL & set(request.fixturenames):
        from rapport.kernel.search.backend import chosen

        with django_db_blocker.unblock():
            chosen().wipe()
