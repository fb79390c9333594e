"""``rapport demo``: everything, with the demo company."""

import argparse

from rapport.config.cli import serve
from rapport.config.cli.serve import arguments

__all__ = ["arguments", "run"]


def run(options: argparse.Namespace) -> int:
    """Serve the demo until SIGTERM or SIGINT. Refused where RAPPORT_URL is no local address."""
    return serve.serve(options, {"RAPPORT_DEMO": "1"})
