"""The joined style sheet and the scripts as answers."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from rapport.kernel.web import assets, door, modules


@door.door(door.PUBLIC)
@require_safe
def stylesheet(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer the joined style sheet; an old digest is sent on to the present one."""
    sheet = assets.stylesheet()
    if digest != sheet.digest:
        return HttpResponseRedirect(assets.stylesheet_url())
    return _kept(request, sheet.content, sheet.packed, "text/css")


@door.door(door.PUBLIC)
@require_safe
def module(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """Answer a script; an old digest is sent on to the present one."""
    known = modules.modules()
    found = known.by_name.get(name)
    if found is None:
        raise Http404
    if digest != known.digest:
        return HttpResponseRedirect(modules.module_url(name))
    return _kept(request, found.content, found.packed, "text/javascript")


def _kept(request: HttpRequest, content: bytes, packed: bytes, kind: str) -> HttpResponse:
    """Answer what browsers may keep for ever, gzipped for those that take it."""
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if zipped else content, content_type=f"{kind}; charset=utf-8")
    if zipped:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
