"""Tables as CSV that a spreadsheet cannot be made to run."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

TOGETHER = 200
"""Rows that leave at once."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """Return ``text``."""
        return text


def harmless(value: object) -> str:
    """Return ``value`` as text that no spreadsheet takes for a formula; numbers stay numbers."""
    text = "" if value is None else str(value).replace("\x00", "")
    if isinstance(value, int | float) or not text.startswith(_FORMULA):
        return text
    return f"'{text}"


def answer(name: str, headings: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Return the table as a download called ``name`` (UTF-8 with byte-order mark, RFC 4180), row by row."""
    response = StreamingHttpResponse(_lines(headings, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(headings: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([harmless(cell) for cell in headings])
    held: list[str] = []
    for row in rows:
        held.append(writer.writerow([harmless(cell) for cell in row]))
        if len(held) == TOGETHER:
            yield "".join(held)
            held.clear()
    yield "".join(held)
