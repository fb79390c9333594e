from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0009_side_talks"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="sidemessage",
            index=models.Index(fields=["identity"], name="side_identity"),
        ),
        migrations.AddIndex(
            model_name="sidemessage",
            index=models.Index(fields=["provider_id"], name="side_provider"),
        ),
    ]
