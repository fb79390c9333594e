"""What the address of the database says holds for all who connect: Django, the listener, pipe and backup."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.servers.installation import Installation
from tests.servers.postgres import cluster

pytestmark = pytest.mark.servers
CONNECTIONS = """
import django; django.setup()
from django.db import connection
from rapport.kernel.db.watch import watch
connection.ensure_connection()
print(*connection.connection.info.get_parameters().items(), sep="\\n")
listener = watch()
print(*listener._connection.info.get_parameters().items(), sep="\\n")
listener.close()
"""


def variables(of: Installation) -> dict[str, str]:
    own = {"DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
    return {**os.environ, **own, "RAPPORT_DATA": str(of.data), "RAPPORT_DATABASE_URL": of.url}


@pytest.fixture(scope="module")
def socket_url() -> Iterator[str]:
    """The address of a database that is reached by a socket."""
    with cluster(durable=False) as url, psycopg.connect(url) as connection:
        row = connection.execute("SHOW unix_socket_directories").fetchone()
        assert row is not None
        yield f"postgresql://rapport@/rapport?host={row[0]}&port={urlsplit(url).port}"


def test_a_socket_is_an_address_for_all(socket_url, tmp_path):
    archive = tmp_path / "copy.tar"
    installation = Installation(tmp_path / "data", socket_url)
    installation.must("migrate")
    installation.must("check")
    installation.must("backup", str(archive))
    with psycopg.connect(socket_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE again TEMPLATE template0")
    again = Installation(tmp_path / "again", socket_url.replace("/rapport?", "/again?"))
    again.must("restore", str(archive))
    mail = b"Message-ID: <1@a.example>\n\nHello\n"
    program = "import sys; from rapport.config.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "receive", "--recipient", "nobody@shop.example"]
    refused = subprocess.run(command, input=mail, env=variables(again), capture_output=True, check=False)
    assert (refused.returncode, b"no active inbox" in refused.stderr) == (75, True)


def test_a_certificate_was_checked_by_a_part_of_the_program_only(socket_url, tmp_path):
    place = urlsplit(socket_url)
    port = place.query.partition("port=")[2]
    url = f"postgresql://rapport@127.0.0.1:{port}/rapport?sslmode=require"
    unchecked = Installation(tmp_path, url)
    for command in (["check"], ["backup", str(tmp_path / "copy.tar")]):
        said = unchecked.run(*command)
        assert said.returncode == 1
        assert "SSL" in said.stdout + said.stderr
    plain = Installation(tmp_path, url.replace("require", "disable&application_name=desk"))
    shown = subprocess.run(
        [sys.executable, "-c", CONNECTIONS],
        env=variables(plain),
        capture_output=True,
        check=True,
        text=True,
    )
    assert shown.stdout.count("('sslmode', 'disable')") == 2
    assert shown.stdout.count("('application_name', 'desk')") == 2
