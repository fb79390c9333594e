"""``rapport web``: one web process."""

import argparse

from rapport.config.cli import setup
from rapport.config.environment import read


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options: there are none."""


def run(options: argparse.Namespace) -> int:  # noqa: ARG001
    """Answer requests until SIGTERM or SIGINT."""
    environment = read()
    setup.start()
    setup.refuse_real_company_as_demo()
    from rapport.config import roles

    return roles.web(environment)
