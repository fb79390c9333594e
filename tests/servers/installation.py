"""An installation of Rapport with a folder and a database of its own, driven from outside as by an operator.

``python -m tests.servers.installation fill SINK IMAP`` (ports) makes a company in the installation that the
environment names: an answer, a mail, a mailbox and the clock wait there for the processes. ``… state`` prints
as JSON what has become of them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.servers.dovecot import PASSWORD
from tests.servers.process import stop

BOOT = "import sys; from rapport.config.cli import main; sys.exit(main(sys.argv[1:]))"
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


@dataclass(frozen=True)
class Installation:
    """``url`` is its PostgreSQL database; empty for SQLite in ``data``."""

    data: Path
    url: str = ""

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of ``rapport`` and return its end, whatever it was."""
        return self._run("-c", BOOT, *arguments)

    def must(self, *arguments: str) -> str:
        """Run a command of ``rapport`` that has to succeed; return what it printed."""
        return _good(self.run(*arguments))

    def fill(self, *ports: int) -> None:
        """Make the company and what waits."""
        _good(self._run("-m", __name__, "fill", *map(str, ports)))

    def state(self) -> dict[str, Any]:
        """Return what has become of it."""
        found: dict[str, Any] = json.loads(_good(self._run("-m", __name__, "state")))
        return found

    @contextmanager
    def running(self, *names: str) -> Iterator[None]:
        """Run processes (``worker``, ``mail``) until the block ends."""
        with (self.data / "log").open("ab") as log:
            processes = [
                subprocess.Popen(
                    [sys.executable, "-c", BOOT, name],
                    env=self._environment,
                    stdout=log,
                    stderr=log,
                    cwd=ROOT,
                )
                for name in names
            ]
        try:
            yield
        finally:
            for process in processes:
                stop(process)

    @property
    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
        own |= {"DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
        return own | {"RAPPORT_DATA": str(self.data), "RAPPORT_DATABASE_URL": self.url}

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments],
            env=self._environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


def _good(ended: "subprocess.CompletedProcess[str]") -> str:
    if ended.returncode:
        raise RuntimeError(f"{ended.args} ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
    return ended.stdout


def _fill(sink: int, imap: int) -> None:
    from rapport.channels.email.models import EmailSettings, Incoming, Outgoing, Security
    from rapport.conversations.actions.reply import Answer, reply
    from rapport.inboxes.actions.store_raw import store_raw
    from rapport.inboxes.contract import Address
    from rapport.kernel.jobs.schedule import Scheduler
    from tests import world

    company = world.build()
    EmailSettings.objects.create(
        inbox=company.inbox,
        incoming=Incoming.IMAP,
        imap_host="127.0.0.1",
        imap_port=imap,
        imap_security=Security.NONE,
        imap_user=company.inbox.address,
        imap_secret=PASSWORD,
        outgoing=Outgoing.SMTP,
        smtp_host="127.0.0.1",
        smtp_port=sink,
        smtp_security=Security.NONE,
    )
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html="<p>It is on its way.</p>", to=(Address(value="ada@customer.example"),)),
        undo=timedelta(),
    )
    store_raw(inbox=company.inbox, content=world.mail(subject="Another one"), source="pipe")
    Scheduler().add_due()


def _state() -> dict[str, Any]:
    from rapport.channels.email.models import MailboxCursor
    from rapport.conversations.models import Delivery
    from rapport.inboxes.models import RawInbound
    from rapport.kernel.jobs.models import Job

    return {
        "outbox": sorted(Delivery.objects.values_list("state", flat=True)),
        "mails": sorted(RawInbound.objects.values_list("state", flat=True)),
        "mailboxes looked into": MailboxCursor.objects.count(),
        "ticks": Job.objects.filter(unique_key__contains="@").count(),
    }


def main() -> None:
    """Act inside the installation that the environment names."""
    import django

    django.setup()
    if sys.argv[1] == "fill":
        _fill(int(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps(_state()))


if __name__ == "__main__":
    main()
