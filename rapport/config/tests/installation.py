"""The command line as people run it, each time in a process of its own, on a data folder of the test's."""

import os
import subprocess
import sys

RAPPORT = [sys.executable, "-c", "import sys; from rapport.config.cli import main; sys.exit(main())"]


def environment(data, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "DJANGO_"))}
    return kept | {"RAPPORT_DATA": str(data)} | more


def rapport(data, *arguments, given="", **more):
    return subprocess.run(
        [*RAPPORT, *arguments],
        env=environment(data, **more),
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def copy_of(installed, tmp_path):
    """A copy of the installation by backup and restore, so that tests may change it."""
    archive = tmp_path / "copy.tar"
    assert rapport(installed, "backup", str(archive)).returncode == 0
    restored = rapport(tmp_path / "copy", "restore", str(archive))
    assert restored.returncode == 0, restored.stderr
    return tmp_path / "copy"
