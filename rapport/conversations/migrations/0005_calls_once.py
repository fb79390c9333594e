from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0004_closed_forms"),
    ]

    operations = [
        migrations.AddField(
            model_name="note",
            name="nonce",
            field=models.CharField(blank=True, max_length=64, null=True, unique=True),
        ),
    ]
