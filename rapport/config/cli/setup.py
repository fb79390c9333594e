"""Starting Django for the commands that need it."""

import os


def start() -> None:
    """Load the settings and every app."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    import django

    django.setup()


def start_migrated() -> None:
    """Load the settings and every app, for a command that needs the tables.

    Raises:
        Misconfigured: the database cannot be used, is empty, or is older than this version of Rapport.

    """
    start()
    from django.db import DatabaseError, connection

    from rapport.config.cli.migrate import up_to_date
    from rapport.config.environment import Misconfigured

    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise Misconfigured(f"the database cannot be used: {str(error).strip()}") from None
    if not up_to_date():
        raise Misconfigured(
            "the database is empty, or older than this version of Rapport. Run rapport migrate first "
            "(rapport serve does it itself)."
        )


def refuse_real_company_as_demo() -> None:
    """End this process where the demo's open doors would lead into a real installation."""
    from rapport.demo import run

    run.refuse_another_company()
