"""People and the addresses, numbers and handles they use."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel.stream.models import StreamEntry


class Company(models.Model):
    """The firm that a customer belongs to."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    domain = models.CharField(_("mail domain"), max_length=200, blank=True, db_index=True)
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """A person who contacts the company; ``merged_into`` points at the person it turned out to be."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    company = models.ForeignKey(
        "customers.Company", null=True, blank=True, on_delete=models.SET_NULL, related_name="customers"
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    tags = models.JSONField(default=list, blank=True)
    merged_into = models.ForeignKey(
        "customers.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    last_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """An address, number or handle of a person.

    ``value`` is normalised. The same value may stand with several people (a couple, an office): each such row
    is marked ``shared``, and the agent picks who writes.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=20, default="email")
    value = models.CharField(max_length=320)
    verified = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    blocked = models.BooleanField(default=False)
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "value", "customer"], name="identity_once_per_person"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["value"], opclasses=["varchar_pattern_ops"], name="identity_prefix"),
        ]

    def __str__(self) -> str:
        return self.value


class NameWord(models.Model):
    """One word of a person's name in search form; ``names.remember_name`` keeps them true."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="name_words")
    word = models.CharField(max_length=50)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["word"], opclasses=["varchar_pattern_ops"], name="name_word_prefix"),
        ]

    def __str__(self) -> str:
        return self.word


class CustomerEntry(StreamEntry):
    """One thing that happened to the record of a person."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="entries")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "seq"], name="customer_seq_once"),
        ]


class CustomerWords(models.Model):
    """Words that an entry changed (an old and a new name); erasable while the entry stays."""

    entry = models.OneToOneField(
        "customers.CustomerEntry", primary_key=True, on_delete=models.CASCADE, related_name="words"
    )
    before: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    after: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
