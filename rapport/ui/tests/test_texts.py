"""The texts of scripts: outside the page, kept by browsers, never out of date."""

import json

from django.conf import settings
from django.test import Client

from rapport.ui.texts import texts_in
from tests import world


def test_every_page_carried_all_texts_of_scripts(client: Client, db: None) -> None:
    client.force_login(world.build().agent().account)
    page = client.get("/trays").content.decode()
    assert "Draft saved" not in page
    address = page.partition('<link rel="preload" href="/texts/')[2].partition('"')[0]
    answer = client.get(f"/texts/{address}")
    assert answer.json()["draft_saved"] == "Draft saved"
    assert "immutable" in answer["Cache-Control"]


def test_texts_are_found_under_an_old_address(client: Client) -> None:
    assert client.get("/texts/de/0000.json")["Location"] == f"/texts/de/{texts_in('de').digest}.json"
    assert client.get(f"/texts/de/{texts_in('de').digest}.json").json()["undo"] == "Rückgängig"
    assert client.get("/texts/xx/0000.json").status_code == 404


def test_texts_that_no_script_shows_were_sent() -> None:
    scripts = "".join(
        path.read_text("utf-8")
        for path in settings.PACKAGE.rglob("static/**/*.js")
        if "vendor" not in path.parts
    )
    assert [name for name in json.loads(texts_in("en").content) if f'"{name}"' not in scripts] == []
