"""The product as people meet it: its web and worker processes, a mail server that takes what it sends."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.process import free_port, listening, running, wait_until
from tests.servers.smtp_sink import Sink, smtp_sink
from tests.world import mail

ROOT = Path(__file__).resolve().parents[2]
RAPPORT = Path(sys.executable).parent / "rapport"
UNDO_SECONDS = 8


@dataclass
class Stand:
    """A running installation with the company of the tests in it."""

    folder: Path
    port: int
    sink: Sink | None
    environment: dict[str, str]
    company: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def seed(self, *words: str) -> Any:
        """Run one part of ``tests.e2e.seed``."""
        return json.loads(self._run(sys.executable, "-m", "tests.e2e.seed", *words))

    def _run(self, *words: str | Path, given: bytes = b"") -> bytes:
        done = subprocess.run(
            [str(word) for word in words],
            cwd=ROOT,
            env=self.environment,
            input=given,
            capture_output=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        return done.stdout

    def receive(self, **headers: str) -> None:
        """Hand over a mail as an MTA does."""
        content = mail(**headers)
        self._run(
            RAPPORT, "receive", "--recipient", headers.get("to", "support@velonord.example"), given=content
        )

    def sent(self, subject: str) -> list[bytes]:
        """The mails with this subject that were delivered."""
        assert self.sink is not None, "nobody takes what this installation sends"
        return [self.sink.content(taken) for taken in self.sink.taken() if taken.subject == subject]

    def wait_for_sent(self, subject: str) -> bytes:
        wait_until(lambda: bool(self.sent(subject)), f"delivery of {subject!r}", UNDO_SECONDS + 30)
        return self.sent(subject)[0]

    def code(self) -> str:
        """The six digits that the administrator's telephone shows now (RFC 6238)."""
        secret = base64.b32decode(self.company["secret"])
        digest = hmac.new(secret, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
        start = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


@contextmanager
def young(part: str, **environment: str) -> Iterator[Stand]:
    """Start the web of a second installation that holds no more than this part of the seed."""
    folder, port = Path(tempfile.mkdtemp(prefix="rapport-e2e-")), free_port()
    outside = {key: value for key, value in os.environ.items() if not key.startswith("RAPPORT_")}
    inside = {"RAPPORT_DATA": str(folder), "RAPPORT_PORT": str(port), "PYTHONUNBUFFERED": "1", **environment}
    before = os.environ.copy()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = Stand(folder, port, None, outside | inside)
        made._run(RAPPORT, "migrate")
        made.company = made.seed(part)
        os.environ.update(inside)
        try:
            web = running(
                [str(RAPPORT), "web"], log=folder / "web.log", ready=lambda: listening(port), cwd=ROOT
            )
            stack.enter_context(web)
        finally:
            os.environ.clear()
            os.environ.update(before)
        yield made


@contextmanager
def stand() -> Iterator[Stand]:
    """Start everything, and end it again."""
    folder, port = Path(tempfile.mkdtemp(prefix="rapport-e2e-")), free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RAPPORT_")}
    environment |= {
        "RAPPORT_DATA": str(folder),
        "RAPPORT_PORT": str(port),
        "RAPPORT_UNDO_SECONDS": str(UNDO_SECONDS),
        "RAPPORT_CORPORA": os.environ.get("RAPPORT_CORPORA", ""),
        "PYTHONUNBUFFERED": "1",
    }
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        sink = stack.enter_context(smtp_sink(delay_ms=(0, 5)))
        made = Stand(folder, port, sink, environment)
        made._run(RAPPORT, "migrate")
        made.company = made.seed("company", str(sink.port))
        before = os.environ.copy()
        os.environ.update(environment)
        try:
            web = running(
                [str(RAPPORT), "web"], log=folder / "web.log", ready=lambda: listening(port), cwd=ROOT
            )
            work = running([str(RAPPORT), "worker"], log=folder / "worker.log", ready=lambda: True, cwd=ROOT)
            stack.enter_context(web)
            stack.enter_context(work)
        finally:
            os.environ.clear()
            os.environ.update(before)
        yield made
