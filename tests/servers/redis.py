"""A Redis that keeps nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.process import folder, free_port, listening, program, running, unprivileged


@contextmanager
def redis() -> Iterator[str]:
    """Yield the address of an empty Redis.

    Raises:
        Missing: Redis is not installed.

    """
    binary = program("redis-server", "redis-server")
    owner = unprivileged("redis")
    port = free_port()
    with folder(owner, "rapport-redis") as path:
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command += ["--dir", str(path)]
        with running(command, log=path / "log", ready=lambda: listening(port), user=owner):
            yield f"redis://127.0.0.1:{port}/0"
