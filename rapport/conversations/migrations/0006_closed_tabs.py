from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0005_calls_once"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="closedform", name="closed_form_once"),
        migrations.AddField(
            model_name="closedform",
            name="kind",
            field=models.CharField(default="", max_length=10),
        ),
        migrations.AddConstraint(
            model_name="closedform",
            constraint=models.UniqueConstraint(fields=("agent", "nonce", "kind"), name="closed_form_once"),
        ),
    ]
