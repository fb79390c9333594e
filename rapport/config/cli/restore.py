"""``rapport restore FILE``: an empty installation becomes a copy that holds still."""

import argparse
import sys
from pathlib import Path

from rapport.config.environment import read


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("file", type=Path, help="a file that rapport backup wrote")


def run(options: argparse.Namespace) -> int:
    """Restore."""
    from rapport.config.archive import Failed, restore

    try:
        made = restore(read(), options.file)
    except Failed as error:
        print(f"rapport restore: {error}", file=sys.stderr)
        return 1
    print(
        f"Restored as of {made}. The copy can be worked in, but it sends nothing, fetches nothing and "
        "does nothing by the clock until you say: rapport resume"
    )
    return 0
