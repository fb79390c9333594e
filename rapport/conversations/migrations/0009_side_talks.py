from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0008_brands_elsewhere"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="below",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="sidemessage",
            name="answered",
            field=models.ForeignKey(
                null=True,
                on_delete=models.SET_NULL,
                related_name="+",
                to="conversations.sidemessage",
            ),
        ),
        migrations.AddField(
            model_name="sidemessage",
            name="forwarded",
            field=models.ForeignKey(
                null=True,
                on_delete=models.SET_NULL,
                related_name="+",
                to="conversations.message",
            ),
        ),
    ]
