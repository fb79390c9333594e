"""Rows of the list, as its template reads them."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.kernel.web.filters import hue, initials
from rapport.kernel.web.moments import Moments

PREVIEW = 72
"""Characters of the preview that a row has room for."""


@lru_cache(maxsize=256)
def brand_dot(colour: str, name: str) -> Markup:
    """Return the small mark of a brand; a list shows the same few on all its rows."""
    return Markup('<svg role="img" aria-label="{}"><rect fill="{}"/></svg>').format(name, colour)


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in a list: everything that is shown of it, so that equal rows look the same."""

    number: int
    url: str
    subject: str
    preview: str
    customer_name: str
    customer_initials: str
    avatar_hue: int
    status: str
    priority: int
    unread: bool
    last_message_at: datetime
    time: Markup
    assignee_name: str
    assignee_initials: str
    assignee_hue: int
    brand_dot: Markup
    marked: bool
    tags: tuple[str, ...]
    has_files: bool
    failed_delivery: bool
    snoozed_until: str
    draft: bool


def row_of(columns: dict[str, Any], moments: Moments, base: str) -> Row:
    """Return the row for the columns that ``queries.lists`` reads."""
    number = columns["pk"] + FIRST_NUMBER
    customer, assignee = columns["customer__name"], columns["assignee__name"] or ""
    tags, status, snoozed = tuple(columns["tag_names"][:2]), columns["status"], columns["snoozed_until"]
    has_files, failed, draft = columns["has_files"], columns["delivery_failed"], columns["draft"]
    return Row(
        number=number,
        url=f"{base}{number}",
        subject=columns["subject"],
        preview=columns["preview"][:PREVIEW],
        customer_name=customer,
        customer_initials=initials(customer),
        avatar_hue=hue(customer),
        status=status,
        priority=columns["priority"],
        unread=columns["unread"],
        last_message_at=columns["last_message_at"],
        time=moments.tag(columns["last_message_at"]),
        assignee_name=assignee,
        assignee_initials=initials(assignee) if assignee else "",
        assignee_hue=hue(assignee) if assignee else 0,
        brand_dot=brand_dot(columns["brand__colour"], columns["brand__name"]),
        marked=bool(
            assignee or has_files or failed or snoozed or draft or tags or status not in {"new", "open"}
        ),
        tags=tags,
        has_files=has_files,
        failed_delivery=failed,
        snoozed_until=moments.short(snoozed) if snoozed else "",
        draft=draft,
    )


def rows_of(found: list[dict[str, Any]]) -> list[Row]:
    """Return rows for a page of a list."""
    moments, base = Moments.here(), reverse("conversation", args=[1])[:-1]
    return [row_of(columns, moments, base) for columns in found]
