"""FTS5 no longer merges in the transaction that adds a document: with a large index that took up to a second.

The worker does it in small steps. Where none runs, FTS5 still merges sixteen segments at once
(``crisismerge``), so that their number stays small.
"""

from django.db import migrations

AUDIENCES = ("public", "internal")


def configure(schema_editor, pages):
    if schema_editor.connection.vendor == "sqlite":
        for audience in AUDIENCES:
            schema_editor.execute(
                f"INSERT INTO search_{audience} (search_{audience}, rank) VALUES ('automerge', {pages})"
            )


def apart(apps, schema_editor):
    configure(schema_editor, 0)


def within(apps, schema_editor):
    configure(schema_editor, 4)


class Migration(migrations.Migration):
    dependencies = [("search", "0002_word_indexes")]
    operations = [migrations.RunPython(apart, within)]
