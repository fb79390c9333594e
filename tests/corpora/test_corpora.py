"""Every mail of the corpora that RAPPORT_CORPORA names, each in its own process; scores over targets."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("RAPPORT_CORPORA", ""))
SECONDS, BYTES = 10, 1024**3

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(
        "RAPPORT_CORPORA" not in os.environ, reason="RAPPORT_CORPORA names no folder of mails"
    ),
]


def mails() -> Iterator[Path]:
    for folder in sorted(ROOT.glob("email-*")):
        yield from sorted(
            path for path in folder.rglob("*") if path.suffix in (".eml", ".msg", ".txt", ".html")
        )


DRIVER = """
import json, os, resource, sys
from pathlib import Path
from rapport.channels.email.explain import explain
explain(b"")
codes = {}
for path in json.load(sys.stdin):
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]),) * 2)
        status = 1
        try:
            json.dumps(explain(Path(path).read_bytes()), ensure_ascii=False).encode("utf-8")
            status = 0
        finally:
            os._exit(status)
    codes[path] = os.waitpid(child, 0)[1]
print(json.dumps({path: code for path, code in codes.items() if code}))
"""


def test_every_mail_is_read_in_its_own_process() -> None:
    paths = [str(path) for path in mails()]
    assert paths
    command = [sys.executable, "-c", DRIVER, str(SECONDS), str(BYTES)]
    done = subprocess.run(
        command, input=json.dumps(paths).encode(), capture_output=True, check=True, timeout=300
    )
    assert json.loads(done.stdout) == {}


@pytest.mark.parametrize("group", ["fields", "threads", "replies", "bounces", "html"])
def test_scores_reach_their_targets(group: str) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
    try:
        import score_corpora
    finally:
        sys.path.pop(0)
    for score in score_corpora.GROUPS[group](ROOT):
        assert score.met, f"{score.name}: {score.share:.1%} of {score.total}, wrong: {score.wrong[:10]}"


def test_explaining_needs_no_installation() -> None:
    code = "import sys; from rapport.channels.email.explain import main; sys.exit(main(sys.argv[1]))"
    path = next(mails())
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, check=True, timeout=30
    )
    assert json.loads(done.stdout)["from_email"] is not None
