from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Give each place away from home the brand of its inbox."""
    inboxes = apps.get_model("inboxes", "Inbox").objects.filter(pk=OuterRef("inbox_id"))
    places = apps.get_model("conversations", "ConversationInbox").objects.filter(home=False)
    places.update(brand_id=Subquery(inboxes.values("brand_id")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0007_former_addresses"),
        ("inboxes", "0001_initial"),
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversationinbox",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="+",
                to="staff.brand",
            ),
        ),
        migrations.AddIndex(
            model_name="conversationinbox",
            index=models.Index(
                condition=models.Q(("home", False)),
                fields=["brand", "folder", "-last_message_at", "-conversation"],
                name="place_brand",
            ),
        ),
        migrations.AddIndex(
            model_name="conversationinbox",
            index=models.Index(
                condition=models.Q(("home", False)),
                fields=["team", "conversation"],
                name="place_elsewhere",
            ),
        ),
        # Last: PostgreSQL adds no index to a table whose rows were changed in the same transaction.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
