"""``rapport serve``: a light parent keeps the nursery alive, which keeps the rest alive."""

import argparse
import os
import sys

from rapport.config.environment import read
from rapport.config.supervisor import Supervisor


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options, each before the environment variable that means the same."""
    parser.add_argument("--port", help="port to listen on (RAPPORT_PORT)")
    parser.add_argument("--data", help="folder that holds everything (RAPPORT_DATA)")


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    return serve(options, {})


def serve(options: argparse.Namespace, more: dict[str, str]) -> int:
    """Serve with ``options`` and ``more`` variables added to the environment; raises ``Misconfigured``."""
    environment = {**os.environ, **more}
    if options.port:
        environment["RAPPORT_PORT"] = options.port
    if options.data:
        environment["RAPPORT_DATA"] = options.data
    read(environment)

    def nursery() -> int:
        command = [sys.executable, "-m", "rapport.config.nursery"]
        return os.posix_spawn(sys.executable, command, environment)

    return Supervisor({"nursery": nursery}).run()
