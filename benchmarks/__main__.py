"""Measure speed: ``python -m benchmarks [--conversations N] [--data FOLDER] [part ...]``.

On SQLite, or on the empty PostgreSQL database that RAPPORT_DATABASE_URL names:
``python -m tests.servers.postgres python -m benchmarks pages intake``.
Figures are from one machine and one run: read them as ratios, beside what the machine did at that minute.
Nothing here is a test.
"""

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import pace

PARTS = ("pages", "intake", "sending", "live", "product")
FILLED = "filled-for-benchmarks"


def main() -> int:
    """Fill an installation where ``--data`` names none that is filled, and run the parts."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("parts", nargs="*", default=list(PARTS))
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--data", default="", help="folder of an installation made by benchmarks.fill")
    given = parser.parse_args()
    made = "" if given.data else tempfile.mkdtemp(prefix="rapport-bench-")
    os.environ["RAPPORT_DATA"] = given.data or made
    os.environ["RAPPORT_UNDO_SECONDS"] = "0"
    os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.config.settings"
    try:
        if made or not (Path(given.data) / FILLED).exists():
            subprocess.run([sys.executable, "-m", "benchmarks.fill", str(given.conversations)], check=True)
            (Path(os.environ["RAPPORT_DATA"]) / FILLED).touch()
        import django

        django.setup()
        import logging

        logging.disable(logging.INFO)
        for part in given.parts:
            print(f"\n== {part} {pace()}")
            importlib.import_module(f"benchmarks.{part}").measure()
    finally:
        if made:
            shutil.rmtree(made, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
