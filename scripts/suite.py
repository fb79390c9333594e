"""Run parts of the test suite one after the other and close with one line that sums them up.

``scripts/suite.py lint sqlite postgres browser+servers faults``: the given parts in the given order, those
with a plus between them at the same time. A failure of ``lint`` ends the run; the others go on, so that one
run shows all that is wrong.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
OUTCOME = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|deselected|warnings?)")
CLOSING = re.compile(r"^=*\s*(?:\d+ \w+(?:, )?)+ in [\d.]+s(?: \([\d:]+\))?\s*=*$")
UNITS = "not browser and not servers and not faults"
NO_TESTS_COLLECTED = 5
LONGEST = 1500
"""Seconds that one part may take: a test that hangs must not hide what the others say."""


class Turn:
    """Prints at once where nobody else does, and otherwise when the other has ended."""

    def __init__(self, screen: threading.Lock) -> None:
        """Take what whoever prints holds."""
        self.screen = screen
        self.has_it = False
        self.kept: list[str] = []

    def show(self, words: str) -> None:
        """Print, or keep for later."""
        self.kept.append(words)
        self.has_it = self.has_it or self.screen.acquire(blocking=False)
        if self.has_it:
            self._print()

    def end(self, words: str) -> None:
        """Print what is kept and these last words, and let the next one print."""
        if not self.has_it:
            self.screen.acquire()
        self.kept.append(words)
        self._print()
        self.screen.release()

    def _print(self) -> None:
        sys.stdout.write("".join(self.kept))
        sys.stdout.flush()
        self.kept.clear()


class Run:
    """The parts that ran and what came of them."""

    def __init__(self, rounds: int, database: str) -> None:
        """Take the number of fault rounds, and on which database."""
        self.rounds = rounds
        self.database = database
        self.closings: list[str] = []
        self.broken: list[str] = []
        self.began = time.monotonic()
        self.screen = threading.Lock()

    def command(
        self, words: Iterable[str | Path], *, name: str, variables: dict[str, str] | None = None
    ) -> bool:
        """Run a command with its own data folder, and show what it prints."""
        began = time.monotonic()
        data = Path(tempfile.mkdtemp(prefix="rapport-suite-"))
        environment = {**os.environ, "RAPPORT_DATA": str(data), **(variables or {})}
        environment.pop("RAPPORT_DATABASE_URL", None)
        process = subprocess.Popen(
            [str(word) for word in words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        watch = threading.Timer(LONGEST, process.terminate)
        watch.start()
        screen = Turn(self.screen)
        screen.show(f"\n== {name}\n")
        assert process.stdout is not None
        for raw in process.stdout:
            line = raw.decode(errors="replace")
            screen.show(line)
            if CLOSING.match(line.strip()):
                self.closings.append(line)
        code = process.wait()
        watch.cancel()
        shutil.rmtree(data, ignore_errors=True)
        good = code in {0, NO_TESTS_COLLECTED} if "pytest" in name else code == 0
        if not good:
            self.broken.append(name)
        ended = "done" if good else f"FAILED ({code})"
        screen.end(f"== {name}: {ended} in {time.monotonic() - began:.0f} s\n")
        return good

    def together(self, parts: Sequence[str]) -> bool:
        """Run parts at the same time: what each prints stands together, that of the first to come live."""
        with ThreadPoolExecutor(len(parts)) as pool:
            return all(list(pool.map(lambda part: PARTS[part](self), parts)))

    def close(self) -> int:
        """Print the closing line and return the exit code."""
        if self.broken:
            print(f"\nfailed: {', '.join(self.broken)}")
        counts = Counter[str]()
        for line in self.closings:
            counts.update({word.removesuffix("s"): int(count) for count, word in OUTCOME.findall(line)})
        failed = counts["failed"] + counts["error"]
        words = [f"{max(failed, len(self.broken))} failed"] if self.broken or failed else []
        words += [f"{counts[name]} {name}" for name in ("passed", "skipped", "xfailed") if counts[name]]
        if words:
            print(f"=== {', '.join(words)} in {time.monotonic() - self.began:.2f}s ===", flush=True)
        return 1 if self.broken else 0


def pytest(marks: str, *options: str) -> list[str | Path]:
    """Return the command that runs the tests of ``marks``."""
    return [BIN / "python", "-m", "pytest", "-m", marks, "-rs", *options]


def lint(run: Run) -> bool:
    """Style, templates and style sheets, types, floors, migrations."""
    django: list[str | Path] = [BIN / "python", "-m", "django"]
    variables = {"DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
    steps: list[tuple[str, list[str | Path]]] = [
        ("ruff check", [BIN / "ruff", "check", "."]),
        ("ruff format", [BIN / "ruff", "format", "--check", "."]),
        ("mypy", [BIN / "mypy"]),
        ("floors", [BIN / "lint-imports"]),
        ("migrations", [*django, "makemigrations", "--check", "--dry-run"]),
    ]
    screens = ROOT / "scripts" / "lint_ui.py"
    if screens.exists():
        steps.insert(2, ("templates, CSS and JavaScript", [BIN / "python", screens]))
    done = [run.command(words, name=name, variables=variables) for name, words in steps]
    return all(done)


def sqlite(run: Run) -> bool:
    """The suite without servers and browser on SQLite."""
    return run.command(pytest(UNITS, "-n", "2"), name="pytest on SQLite")


def quick(run: Run) -> bool:
    """The tests that stand beside the code, on SQLite: for the minutes between two thoughts."""
    return run.command(pytest(UNITS, "-n", "2", "rapport"), name="pytest beside the code, on SQLite")


def postgres(run: Run) -> bool:
    """The same on a PostgreSQL cluster of its own."""
    cluster: list[str | Path] = [BIN / "python", "-m", "tests.servers.postgres", "--fast"]
    return run.command([*cluster, *pytest(UNITS, "-n", "2")], name="pytest on PostgreSQL")


def browser(run: Run) -> bool:
    """The tests that drive Chromium, one at a time."""
    return run.command(pytest("browser and not faults"), name="pytest in the browser")


def servers(run: Run) -> bool:
    """The tests that start real mail servers, one at a time."""
    return run.command(pytest("servers and not browser and not faults"), name="pytest with real servers")


def faults(run: Run) -> bool:
    """Rounds of kill -9 while mail flows."""
    if not (ROOT / "tests" / "faults" / "__main__.py").exists():
        print("\n== faults: not written yet")
        return True
    databases = ("sqlite", "postgres") if run.database == "both" else (run.database,)
    done = [
        run.command(
            [BIN / "python", "-m", "tests.faults", "--rounds", str(run.rounds), "--database", database],
            name=f"{run.rounds} fault rounds on {database}",
        )
        for database in databases
    ]
    return all(done)


PARTS: dict[str, Callable[[Run], bool]] = {
    "lint": lint,
    "quick": quick,
    "sqlite": sqlite,
    "postgres": postgres,
    "browser": browser,
    "servers": servers,
    "faults": faults,
}


def main() -> int:
    """Run the parts that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="+", type=_parts, metavar=f"{{{','.join(PARTS)}}}")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    given = parser.parse_args()
    run = Run(given.rounds, given.database)
    for parts in given.parts:
        if not run.together(parts) and parts == ["lint"]:
            break
    return run.close()


def _parts(words: str) -> list[str]:
    """Read what the command line says of parts that run at the same time."""
    parts = words.split("+")
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}")
    return parts


if __name__ == "__main__":
    sys.exit(main())
