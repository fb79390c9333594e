from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0011_signed_sides"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="call",
            field=models.JSONField(null=True),
        ),
    ]
