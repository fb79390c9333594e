"""``python -m tests.faults.prove [--times N] [BUG …]``: does the harness find what it is there to find?

Each planted bug must make nine of ten short runs fail, and the product as it is must pass. A run that could
not do its work counts as nothing and is repeated, at most as often again. Exit code 0 when all of that is so.
"""

import argparse
import subprocess
import sys
from collections import Counter

from tests.faults.__main__ import BUGS

ROUNDS = 12
PASSED, FAILED = 0, 1
NEEDED = 0.9


def main() -> int:
    """Run everything and print how often each was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.prove", description=__doc__)
    parser.add_argument("bugs", nargs="*", help=f"of {', '.join(BUGS)}; without any also nothing planted")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    given = parser.parse_args()
    good = True
    for bug in given.bugs or ("", *BUGS):
        ends = _ends(bug, given.times, given.database)
        found = ends[FAILED]
        good &= found >= NEEDED * given.times if bug else ends[PASSED] == given.times
        print(f"{bug or 'nothing planted'}: {found} of {given.times} short runs failed", flush=True)
    return 0 if good else 1


def _ends(bug: str, times: int, database: str) -> Counter[int]:
    ends: Counter[int] = Counter()
    for _ in range(2 * times):
        if ends[PASSED] + ends[FAILED] == times:
            break
        command = [sys.executable, "-m", "tests.faults", "--rounds", str(ROUNDS), "--database", database]
        ends[subprocess.run([*command, "--bug", bug], check=False, stdout=subprocess.DEVNULL).returncode] += 1
    return ends


if __name__ == "__main__":
    sys.exit(main())
