"""``rapport explain-mail FILE``: what Rapport makes of a mail. Needs no database."""

import argparse

from rapport.config.environment import examine


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("file", help="a mail as RFC 5322 text; - reads standard input")


def run(options: argparse.Namespace) -> int:
    """Print one JSON object; the limits are those that intake has."""
    from rapport.channels.email import explain
    from rapport.channels.email.limits import limits_of

    environment, _wrong = examine()
    return explain.main(options.file, limits_of(environment))
