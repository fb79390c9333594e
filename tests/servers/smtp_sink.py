"""A mail server that takes everything, slowly, and writes down what it took.

A process of its own: ``python -m tests.servers.smtp_sink --port P --ledger FILE``. One JSON object per
line and mail: ``at`` (seconds since 1970), ``message_id``, ``sender``, ``recipients``, ``subject``,
``sha256``, ``size``; written after the whole mail came and *before* the wait and the 250, as a sender that
is killed meanwhile must send the mail again. ``FILE.hands`` gets a byte for each mail that came whole and
waits for its 250: ``COUNTED`` where the ledger has it already, ``LATE`` where not. Recipients whose address
begins with ``refused`` get 550, with ``busy`` 451 at their first try.
"""

import argparse
import asyncio
import getpass
import hashlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.process import folder, free_port, listening, running

ANSWER = "250 2.0.0 taken"
COUNTED, LATE = b"c", b"l"


@dataclass(frozen=True)
class Taken:
    """One line of the ledger."""

    at: float
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    sha256: str
    size: int


class _Handler:
    def __init__(self, ledger: Path, keep: Path | None, delay: tuple[float, float], late: float) -> None:
        self.ledger = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.hands = os.open(f"{ledger}.hands", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.keep = keep
        self.delay = delay
        self.late = late
        self.tried: set[str] = set()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("refused"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("busy") and address not in self.tried:
            self.tried.add(address)
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        headers = BytesHeaderParser().parsebytes(content)
        line = {
            "at": time.time(),
            "message_id": str(headers.get("Message-ID", "")).strip(),
            "sender": envelope.mail_from or "",
            "recipients": list(envelope.rcpt_tos),
            "subject": str(headers.get("Subject", "")),
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
        }
        if self.keep is not None:
            (self.keep / f"{line['sha256']}.eml").write_bytes(content)
        late = random.random() < self.late
        if not late:
            self._count(line)
        os.write(self.hands, LATE if late else COUNTED)
        # Whoever hangs up meanwhile ends this coroutine: a late mail is then not counted.
        await asyncio.sleep(random.uniform(*self.delay))
        if late:
            self._count(line)
        return ANSWER

    def _count(self, line: dict[str, Any]) -> None:
        # One write to a file opened for appending is not cut in two by a kill.
        os.write(self.ledger, json.dumps(line).encode() + b"\n")


async def _serve(port: int, handler: _Handler) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, data_size_limit=100 * 1024 * 1024, loop=loop),
        "127.0.0.1",
        port,
    )
    await stopped.wait()
    server.close()


def read_ledger(path: Path) -> list[Taken]:
    """Return what a sink took so far; a last line that is being written is left out."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    found: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [Taken(**{**line, "recipients": tuple(line["recipients"])}) for line in found]


@dataclass
class Sink:
    """A running sink."""

    path: Path
    port: int
    host: str = "127.0.0.1"

    @property
    def ledger(self) -> Path:
        """The file that it writes."""
        return self.path / "ledger.jsonl"

    def taken(self) -> list[Taken]:
        """Return what it took so far."""
        return read_ledger(self.ledger)

    def hands(self) -> bytes:
        """Return, for each mail that came so far, whether it is ``COUNTED`` or ``LATE``."""
        path = self.path / "ledger.jsonl.hands"
        return path.read_bytes() if path.exists() else b""

    def content(self, taken: Taken) -> bytes:
        """Return the bytes of a mail."""
        return (self.path / "mails" / f"{taken.sha256}.eml").read_bytes()


@contextmanager
def smtp_sink(*, delay_ms: tuple[int, int] = (50, 300), port: int = 0, late: float = 0.0) -> Iterator[Sink]:
    """Yield a sink in a process of its own; the share ``late`` of mails is noted after the wait only."""
    with folder(getpass.getuser(), "rapport-sink") as path:
        (path / "mails").mkdir()
        sink = Sink(path, port or free_port())
        command = [sys.executable, "-m", "tests.servers.smtp_sink", "--port", str(sink.port)]
        command += ["--ledger", str(sink.ledger), "--keep", str(path / "mails")]
        command += ["--delay-ms", str(delay_ms[0]), str(delay_ms[1])]
        command += ["--late", str(late)]
        root = Path(__file__).resolve().parents[2]
        with running(command, log=path / "log", ready=lambda: listening(sink.port), cwd=root):
            yield sink


def main() -> int:
    """Serve until ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.smtp_sink", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="folder for the mails themselves")
    parser.add_argument("--delay-ms", type=int, nargs=2, default=(50, 300))
    parser.add_argument("--late", type=float, default=0.0, help="share of mails that count only at the 250")
    given = parser.parse_args()
    delay = (given.delay_ms[0] / 1000, given.delay_ms[1] / 1000)
    asyncio.run(_serve(given.port, _Handler(given.ledger, given.keep, delay, given.late)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
