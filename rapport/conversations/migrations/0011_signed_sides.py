from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0010_side_messages_by_message_id"),
    ]

    operations = [
        migrations.AddField(
            model_name="sidemessage",
            name="signed",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
