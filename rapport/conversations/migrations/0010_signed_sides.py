from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0009_side_talks"),
    ]

    operations = [
        migrations.AddField(
            model_name="sidemessage",
            name="signed",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
