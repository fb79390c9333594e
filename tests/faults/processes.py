"""The product's processes, started as in production, killed and started again."""

import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from tests.servers.process import listening, wait_until

BOOT = "import sys; from rapport.config.cli import main; sys.exit(main(sys.argv[1:]))"
PLANTED = Path(__file__).parent / "planted"
ROOT = Path(__file__).resolve().parents[2]
KILLED = ("mail", "worker", "web", "pipe")
TEMPORARY_FAILURE = 75


class Product:
    """Web, worker and mail, each a process, and the pipe receivers that come and go."""

    def __init__(self, environment: dict[str, str], *, bug: str, log: Path) -> None:
        self.environment = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
        paths = [str(ROOT)]
        if bug:
            paths.insert(0, str(PLANTED))
            self.environment["FAULTS_PLANTED"] = bug
        self.environment["PYTHONPATH"] = os.pathsep.join(paths)
        self.log = log
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.pipes: set[subprocess.Popen[bytes]] = set()
        self.lock = threading.Lock()

    def start(self, name: str) -> None:
        """Start a process; does not wait until it works."""
        with (self.log / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-c", BOOT, name],
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )

    def wait_until_up(self, seconds: float = 60) -> None:
        """Wait until web and the LMTP listener answer and the worker has announced itself."""
        workers = Path(self.environment["RAPPORT_DATA"]) / "run"
        announced = f"*-{self.running['worker'].pid}-*.worker"
        wait_until(lambda: any(workers.glob(announced)), "the worker", seconds)
        for name in ("RAPPORT_PORT", "RAPPORT_LMTP_PORT"):
            port = int(self.environment[name])
            wait_until(lambda port=port: listening(port), name, seconds)  # type: ignore[misc]

    def kill(self, name: str) -> bool:
        """Kill -9 a process and start it again; ``pipe`` is all receivers at work. False where none was."""
        if name == "pipe":
            with self.lock:
                victims = list(self.pipes)
            for each in victims:
                with suppress(ProcessLookupError):
                    os.killpg(each.pid, 9)
            return bool(victims)
        process = self.running[name]
        os.killpg(process.pid, 9)
        process.wait()
        self.start(name)
        return True

    def revive(self) -> list[str]:
        """Start again what ended by itself, and return the names: that is a fault too."""
        ended = [name for name, process in self.running.items() if process.poll() is not None]
        for name in ended:
            self.start(name)
        return ended

    def stop(self) -> None:
        """End everything."""
        for process in (*self.running.values(), *self.pipes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()

    def receive(self, recipient: str, content: bytes) -> int:
        """Run ``rapport receive`` on a mail and return its exit code, as the pipe of an MTA does."""
        process = subprocess.Popen(
            [sys.executable, "-c", BOOT, "receive", "--recipient", recipient],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            start_new_session=True,
        )
        with self.lock:
            self.pipes.add(process)
        try:
            with suppress(BrokenPipeError):
                process.communicate(content)
            return process.wait()
        finally:
            with self.lock:
                self.pipes.discard(process)


CLIENT = """#!/usr/bin/python3
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as line:
    line.sendall(sys.argv[2].encode() + b"\\n" + sys.stdin.buffer.read())
    line.shutdown(socket.SHUT_WR)
    answer = line.recv(1)
sys.exit(answer[0] if answer else 75)
"""


class PipeHost:
    """Runs the receivers that the MTA's pipe asks for, so that they have our account and can be killed."""

    def __init__(self, product: Product, folder: Path) -> None:
        self.product = product
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.script = folder / "pipe"
        self.script.write_text(CLIENT)
        self.script.chmod(0o755)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def command(self) -> str:
        """The command line for the MTA."""
        return f"{self.script} {self.listener.getsockname()[1]} ${{recipient}}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            recipient, _, content = b"".join(iter(lambda: line.recv(65536), b"")).partition(b"\n")
            code = self.product.receive(recipient.decode(), content)
            line.sendall(bytes([0 if code == 0 else TEMPORARY_FAILURE]))

    def close(self) -> None:
        """Answer no more."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
