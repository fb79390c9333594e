"""``rapport backup FILE``: everything in one file, while Rapport runs."""

import argparse
import sys
from pathlib import Path

from rapport.config.environment import read


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("file", type=Path, help="the tar file to write; only its owner may read it")
    parser.add_argument("--force", action="store_true", help="replace the file where it exists")


def run(options: argparse.Namespace) -> int:
    """Write the backup."""
    from rapport.config.archive import Failed, backup

    try:
        size = backup(read(), options.file, force=options.force)
    except Failed as error:
        print(f"rapport backup: {error}", file=sys.stderr)
        return 1
    print(
        f"{options.file} holds everything ({size / 1e6:.1f} MB). Keep it secret: it opens every conversation."
    )
    return 0
