"""A PostgreSQL cluster of one's own in a temporary folder.

As a command: ``python -m tests.servers.postgres COMMAND…`` runs COMMAND with ``RAPPORT_DATABASE_URL`` set and
ends with its exit code; without a command it prints the address and serves until its input ends.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import (
    Missing,
    as_user,
    folder,
    free_port,
    listening,
    program,
    running,
    unprivileged,
)

DATABASE = "rapport"
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
}


def _newest_binaries() -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if versions:
        return str(versions[-1].parent)
    return str(Path(program("initdb", "postgresql")).resolve().parent)


@contextmanager
def cluster(*, durable: bool = True, options: dict[str, str] | None = None) -> Iterator[str]:
    """Yield the address of a new, empty database; everything is removed afterwards.

    Args:
        durable: False turns fsync off: faster, for tests that pull no plug.
        options: Further server settings.

    Raises:
        Missing: PostgreSQL is not installed.

    """
    binaries = _newest_binaries()
    owner = unprivileged("postgres")
    with folder(owner, "rapport-pg") as path:
        data = path / "data"
        subprocess.run(
            f"{binaries}/initdb -D {data} -U rapport -A trust -E UTF8 --locale=C.UTF-8 --no-sync".split(),
            check=True,
            capture_output=True,
            cwd=path,
            **as_user(owner),
        )
        port = free_port()
        settings = {**OPTIONS, "port": str(port), "unix_socket_directories": str(path), **(options or {})}
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [f"{binaries}/postgres", "-D", str(data), *arguments]
        # SIGINT is PostgreSQL's fast stop; SIGTERM would wait for every client to leave.
        with running(
            command,
            log=path / "log",
            ready=lambda: _answers(binaries, port),
            user=owner,
            stopped_by=signal.SIGINT,
        ):
            subprocess.run(
                [f"{binaries}/createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "rapport", DATABASE],
                check=True,
                cwd=path,
            )
            yield f"postgresql://rapport@127.0.0.1:{port}/{DATABASE}"


def _answers(binaries: str, port: int) -> bool:
    command = [f"{binaries}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    return listening(port) and subprocess.run(command, check=False).returncode == 0


def main() -> int:
    """Run a command beside a cluster, or serve one."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.postgres", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="turn fsync off")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    try:
        with cluster(durable=not given.fast) as url:
            if given.command:
                environment = {**os.environ, "RAPPORT_DATABASE_URL": url}
                return subprocess.run(given.command, check=False, env=environment).returncode
            print(url, flush=True)
            sys.stdin.read()
    except Missing as missing:
        print(f"PostgreSQL: {missing}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
