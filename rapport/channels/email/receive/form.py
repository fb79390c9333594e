"""Calls of mail services that are forms: a mail's texts and files, as many and as large as a call may hold.

Django reads a form by limits that are for people; beyond them the mail in it would be lost.
"""

import base64
import binascii
from io import BytesIO
from typing import Any

from django.core.exceptions import TooManyFieldsSent
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import FIELD, FILE, ChunkIter, LazyStream, Parser
from django.utils.datastructures import MultiValueDict

from rapport.kernel.files.names import safe_name

MOST_PARTS = 20_000
"""Far beyond any mail; a call of tiny parts would otherwise be read for minutes."""
AROUND = 2
"""What stands before the first boundary and what stands after the last are read as parts, too."""


def take_body(request: HttpRequest, body: bytes) -> None:
    """Let Django know the body of a call; a form in it is read without the limits for the forms of people."""
    request._body = body
    request.upload_handlers = [MailForm(request)]


class MailForm(FileUploadHandler):
    """Reads a whole form in parts (RFC 7578), in place of Django's own reader."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: ARG002, N803  Django's names
        content_length: int,  # noqa: ARG002
        boundary: Any,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        """Return the fields and the files.

        Raises:
            TooManyFieldsSent: there are more parts than ``MOST_PARTS``.

        """
        fields = QueryDict(mutable=True, encoding=encoding)
        files: MultiValueDict[str, Any] = MultiValueDict()
        parts = Parser(LazyStream(ChunkIter(input_data, self.chunk_size)), boundary)
        for number, (kind, head, stream) in enumerate(parts):
            if number >= MOST_PARTS + AROUND:
                raise TooManyFieldsSent
            content = _content(head, stream)
            disposition: Any = head.get("content-disposition", ("", {}))
            given = disposition[1]
            name = given.get("name", b"").decode(errors="replace").strip()
            if kind == FIELD and name:
                fields.appendlist(name, content.decode(encoding or "utf-8", "replace"))
            elif kind == FILE and name:
                files.appendlist(name, _file(name, given["filename"], head, content))
        fields._mutable = False
        return fields, files


def _content(head: dict[str, Any], stream: LazyStream) -> bytes:
    content = bytes(stream.read())
    if str(head.get("content-transfer-encoding", ("",))[0]).strip().lower() != "base64":
        return content
    try:
        return base64.b64decode(content)
    except binascii.Error:
        return content


def _file(field: str, name: bytes, head: dict[str, Any], content: bytes) -> InMemoryUploadedFile:
    kind, more = head.get("content-type", ("", {}))
    charset = more.get("charset", b"").decode("ascii", "replace")
    return InMemoryUploadedFile(
        BytesIO(content),
        field,
        safe_name(name.decode(errors="replace")),
        kind.strip(),
        len(content),
        charset or None,
    )
