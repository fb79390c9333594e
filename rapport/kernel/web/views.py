"""The joined style sheet as an answer."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from rapport.kernel.web import assets, door


@door.door(door.PUBLIC)
@require_safe
def stylesheet(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer the joined style sheet; an old digest is sent on to the present one."""
    sheet = assets.stylesheet()
    if digest != sheet.digest:
        return HttpResponseRedirect(assets.stylesheet_url())
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(sheet.packed if packed else sheet.content, content_type="text/css; charset=utf-8")
    if packed:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
