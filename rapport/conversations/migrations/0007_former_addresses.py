from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0006_closed_tabs"),
    ]

    operations = [
        migrations.AddField(
            model_name="deliveryrecipient",
            name="former",
            field=models.CharField(blank=True, default="", max_length=320),
        ),
    ]
