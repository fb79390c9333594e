from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=32)),
                ("object_id", models.BigIntegerField()),
                ("team_id", models.BigIntegerField(null=True)),
                ("brand_id", models.BigIntegerField(null=True)),
                ("inbox_id", models.BigIntegerField(null=True)),
                ("conversation_id", models.BigIntegerField(db_index=True, null=True)),
                ("folder", models.SmallIntegerField(default=0)),
                ("has_file", models.BooleanField(default=False)),
                ("in_public", models.BooleanField(default=False)),
                ("in_internal", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "search_document",
                "constraints": [models.UniqueConstraint(fields=("kind", "object_id"), name="search_document_object")],
            },
        ),
    ]
