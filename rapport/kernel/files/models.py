"""The rows that stand for files on disk."""

from django.db import models


class StoredFile(models.Model):
    """A file in the data folder. The row exists only after the bytes are safe on disk.

    ``key`` names the file on disk and is random: nothing of it comes from outside. ``content_type`` is
    what the bytes were found to be, never what a sender claimed for something a browser would run.
    """

    key = models.CharField(max_length=32, unique=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name
