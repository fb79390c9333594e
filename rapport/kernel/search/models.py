"""The row of a searchable document: where it belongs and when it happened. Its words live in the vendor's
index."""

from django.db import models


class Document(models.Model):
    """One thing that can be found. ``id`` is made of its time, so the newest first is the order of the key.

    ``id >> 16`` is the time in whole seconds since 1970 (UTC). Full-text indexes of both databases read
    their hits in key order cheaply, and an imported history falls into its place.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=32)
    object_id = models.BigIntegerField()
    team_id = models.BigIntegerField(null=True)
    brand_id = models.BigIntegerField(null=True)
    inbox_id = models.BigIntegerField(null=True)
    conversation_id = models.BigIntegerField(null=True, db_index=True)
    folder = models.SmallIntegerField(default=0)
    has_file = models.BooleanField(default=False)
    in_public = models.BooleanField(default=False)
    in_internal = models.BooleanField(default=False)

    class Meta:
        db_table = "search_document"
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="search_document_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
