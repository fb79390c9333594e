import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_every_text_has_a_translation_in_every_language():
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/translate.py"), "--check"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
