import os
from pathlib import Path

from django.conf import settings


def test_processes_of_one_run_shared_a_folder_and_swept_away_each_others_files():
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    given = Path(os.environ["RAPPORT_DATA"])
    assert given.name == worker or not worker
    assert given.resolve() == settings.DATA
