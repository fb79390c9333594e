"""``rapport migrate``: the database brought up to date."""

import argparse
from pathlib import Path

from rapport.config.cli import setup


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--verbose", action="store_true", help="name each migration")


def run(options: argparse.Namespace) -> int:
    """Migrate."""
    setup.start()
    migrate(verbose=options.verbose)
    print("The database is up to date.")
    return 0


def migrate(*, verbose: bool = False) -> None:
    """Apply the migrations that are missing."""
    from django.conf import settings
    from django.core.management import call_command

    if up_to_date():
        return
    settings.DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=1 if verbose else 0)


def up_to_date() -> bool:
    """Tell whether every migration of the installed apps is applied; False also without a database."""
    # File names are compared with the applied names: building Django's graph costs a third of a second.
    from django.apps import apps
    from django.db import DatabaseError, connection

    wanted = {
        (config.label, path.stem)
        for config in apps.get_app_configs()
        for path in Path(config.path, "migrations").glob("[0-9]*.py")
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            return wanted <= set(cursor.fetchall())
    except DatabaseError:
        return False
