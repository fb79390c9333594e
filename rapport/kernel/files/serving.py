"""A stored file as an HTTP answer that a browser cannot be made to run."""

from django.http import FileResponse

from rapport.kernel.files.models import StoredFile
from rapport.kernel.files.names import disposition
from rapport.kernel.files.storage import open_file
from rapport.kernel.files.types import IMAGES, SHOWN_INLINE, UNKNOWN

SANDBOX = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
# Chromium shows no PDF in a sandboxed document; its viewer runs in an origin of its own and gets no script
# of ours.
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def serve(stored: StoredFile, *, inline: bool) -> FileResponse:
    """Return the file; shown in the page only where ``inline`` is asked and its bytes are a raster image
    or a PDF.

    The caller has checked that the asker may have it.

    Raises:
        storage.Damaged: the file is missing or cut short.

    """
    shown = inline and stored.content_type in SHOWN_INLINE
    pdf = shown and stored.content_type not in IMAGES
    # A browser that ignores the disposition must still find nothing that it would run.
    sent_type = stored.content_type if stored.content_type in SHOWN_INLINE else UNKNOWN
    response = FileResponse(open_file(stored), content_type=sent_type)
    response.headers["Content-Length"] = str(stored.size)
    response.headers["Content-Disposition"] = disposition(stored.name, inline=shown)
    response.headers["Content-Security-Policy"] = PDF_POLICY if pdf else SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, max-age=600"
    return response
