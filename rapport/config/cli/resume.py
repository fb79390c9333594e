"""``rapport resume``: a restored copy begins to send, to fetch and to act by the clock."""

import argparse

from rapport.config.cli import setup


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--yes", action="store_true", help="confirm that the original no longer runs")


def run(options: argparse.Namespace) -> int:
    """End the hold."""
    setup.start_migrated()
    from rapport.kernel.jobs import hold

    if not hold.held():
        print("Nothing is held.")
        return 0
    if not options.yes:
        print(
            "This is a restored copy. Once resumed it sends the mails that waited when the backup was made "
            "and fetches from the mailboxes.\nMake sure that the original is gone, then: rapport resume --yes"
        )
        return 1
    hold.resume()
    print("Resumed.")
    return 0
