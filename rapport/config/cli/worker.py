"""``rapport worker``: one worker process."""

import argparse

from rapport.config.cli import setup


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options: there are none."""


def run(options: argparse.Namespace) -> int:  # noqa: ARG001
    """Work until SIGTERM or SIGINT."""
    setup.start()
    setup.refuse_real_company_as_demo()
    from rapport.config import roles

    return roles.worker()
