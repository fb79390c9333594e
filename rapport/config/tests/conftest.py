"""An installation for the tests of the command line."""

import pytest

from rapport.config.tests.installation import rapport


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """An installation with one person on its staff."""
    data = tmp_path_factory.mktemp("installed")
    assert rapport(data, "migrate").returncode == 0
    made = rapport(
        data, "user", "create", "lena@shop.example", "--name", "Lena Ortiz", "--role", "administrator",
        "--password-stdin", given="a long and odd pass phrase 7\n",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return data
