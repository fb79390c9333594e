from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0012_drafts_of_calls"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("delivery_failed", True)),
                fields=[*scope, "-last_message_at", "-id"],
                name="_".join(["conv_failed", *scope]),
            ),
        )
        for scope in ([], ["team"], ["brand"])
    ]
