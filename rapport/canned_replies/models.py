"""The one table of canned replies."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock


class CannedReply(models.Model):
    """A text that agents insert by its shortcut; brand and team narrow who is offered it."""

    name = models.CharField(_("name"), max_length=80)
    shortcut = models.CharField(_("shortcut"), max_length=40, unique=True)
    html = models.TextField(_("text"))
    brand = models.ForeignKey(
        "staff.Brand", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey("staff.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=10, blank=True)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["archived", "name"], name="canned_list")]

    def __str__(self) -> str:
        return self.name
