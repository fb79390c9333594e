"""What ``rapport demo`` does before it serves: the company is built once, and its people are listed."""

import sys
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError

from rapport.demo.build import build
from rapport.demo.company import PASSWORD
from rapport.demo.models import Built
from rapport.demo.story import Story, tell
from rapport.kernel.clock import now
from rapport.staff.models import Agent
from rapport.staff.roles import Role

SEED = 1
ANOTHER_COMPANY = (
    "rapport: the data folder holds an installation that is not the demo. Nothing was changed. "
    "Give the demo a folder of its own: rapport demo --data FOLDER\n"
)
NOT_THE_DEMO = (
    "rapport: RAPPORT_DEMO is on, but the data folder holds an installation that is not the demo, where "
    "nobody may sign in without a password. Unset RAPPORT_DEMO.\n"
)
CANNOT_WORK = 78


def prepare() -> list[str]:
    """Build the company where it is missing and return what is printed once the pages answer.

    Ends the process where the data folder holds a real installation.
    """
    if not Built.objects.exists():
        if Agent.objects.exists():
            sys.stderr.write(ANOTHER_COMPANY)
            raise SystemExit(CANNOT_WORK)
        build(story_until(now()), seed=SEED)
        sys.stdout.write("\n")
    return people()


def refuse_another_company() -> None:
    """End a process that would serve a real installation as the demo."""
    if not settings.DEMO:
        return
    try:
        real = Agent.objects.exists() and not Built.objects.exists()
    except DatabaseError:
        # Nothing can be read yet; the demo's pages look for themselves, each time.
        return
    if real:
        sys.stderr.write(NOT_THE_DEMO)
        raise SystemExit(CANNOT_WORK)


def story_until(moment: datetime) -> Story:
    """Return the demo company's story up to ``moment``."""
    until = moment.astimezone(UTC).replace(microsecond=0)
    return tell(until.date(), SEED, until=until)


def people() -> list[str]:
    """Return the table of the demo's people, with what they sign in with."""
    rows = [("Name", "Role", "Address", "Password")]
    rows += [
        (agent.name, str(Role(agent.role).label), agent.account.email, PASSWORD)
        for agent in Agent.objects.filter(active=True).select_related("account").order_by("pk")
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    address = settings.BASE_URL
    return [
        "",
        f"The demo company. Choose who you want to be: {address}/demo",
        f"Write as one of its customers:               {address}/demo/mail",
        "",
        lines[0],
        *lines[1:],
        "",
    ]
