"""The table behind Django's database cache (throttling, limits), where no Redis is configured."""

from django.db import models


class CacheRow(models.Model):
    """One cached value; read and written by ``DatabaseCache`` only."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "kernel_cache"
