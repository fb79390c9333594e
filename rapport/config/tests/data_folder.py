"""A data folder for tests that is not the developer's, and one for each process of a run.

A plugin of pytest (``-p``), because pytest-django reads the settings before any conftest is loaded: processes
that shared a folder swept away each other's files.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _own_data_folder() -> None:
    """Set ``RAPPORT_DATA``: a temporary folder where it is unset, and a folder per process under xdist."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    given = os.environ.get("RAPPORT_DATA", "")
    if given:
        path = Path(given).resolve() / worker
    else:
        path = Path(tempfile.mkdtemp(prefix="rapport-tests-"))
        atexit.register(shutil.rmtree, path, ignore_errors=True)
    path.mkdir(parents=True, exist_ok=True)
    os.environ["RAPPORT_DATA"] = str(path)


_own_data_folder()
