"""``rapport explain-mail FILE``: what Rapport makes of a mail. Needs no database and no settings."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("file", type=Path, help="a mail as RFC 5322 text")


def run(options: argparse.Namespace) -> int:
    """Print one JSON object."""
    from rapport.channels.email import explain

    return explain.main(options.file)
