"""What stands below the words of a forward: a public message with its files, or what a third party wrote."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Below:
    """The public message that is passed on, with ``file_ids`` of its files, or the side message answered.

    ``file_ids`` None: all of them.
    """

    message_id: int | None = None
    side_id: int | None = None
    file_ids: tuple[int, ...] | None = None

    def stored(self) -> dict[str, Any]:
        """Return it as a draft keeps it."""
        files = None if self.file_ids is None else list(self.file_ids)
        return {"message": self.message_id, "side": self.side_id, "files": files}


def loaded(row: dict[str, Any]) -> Below | None:
    """Return what a draft keeps; None for one that names nothing."""
    if not row:
        return None
    files = row.get("files")
    return Below(
        message_id=row.get("message"),
        side_id=row.get("side"),
        file_ids=None if files is None else tuple(files),
    )
