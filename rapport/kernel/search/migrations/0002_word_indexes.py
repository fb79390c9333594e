"""The word indexes: FTS5 tables on SQLite, text vectors under GIN on PostgreSQL."""

from django.db import migrations

AUDIENCES = ("public", "internal")

SQLITE = """
CREATE VIRTUAL TABLE search_{audience} USING fts5(
    subject, sender, recipients, body,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co' tokenchars '_'",
    prefix = '3'
)
"""
# GIN's list of pending entries (fastupdate, on by default) costs a third of the time for each new document.
POSTGRESQL = """
CREATE TABLE search_{audience} (id bigint PRIMARY KEY, vector tsvector NOT NULL);
CREATE INDEX search_{audience}_vector ON search_{audience} USING gin (vector);
"""


def create(apps, schema_editor):
    template = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for audience in AUDIENCES:
        schema_editor.execute(template.format(audience=audience))


def drop(apps, schema_editor):
    for audience in AUDIENCES:
        schema_editor.execute(f"DROP TABLE search_{audience}")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
