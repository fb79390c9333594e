"""What a browser without scripts is told of an act: the page that it is sent to says it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import mark_safe

from rapport.kernel.web.render import markup
from rapport.kernel.web.scripted import by_script
from rapport.workspace import undoing
from rapport.workspace.refusals import refusal


def sent_on(request: HttpRequest, address: str, event: dict[str, Any] | None) -> HttpResponse:
    """Answer a plain form: the page at ``address`` says what a script would show of ``event``."""
    toast = event["rapport:toast"] if event else None
    if toast:
        level = messages.ERROR if toast.get("kind") == "danger" else messages.SUCCESS
        messages.add_message(request, level, _with_undo(request, toast))
    return HttpResponseRedirect(address)


def refused(request: HttpRequest, address: str, words: str) -> HttpResponse:
    """Answer why nothing was done: to a script in bare words, to a plain form on the page at ``address``."""
    if by_script(request):
        return refusal(words)
    return sent_on(request, address, undoing.complaint(words))


def _with_undo(request: HttpRequest, toast: dict[str, Any]) -> str:
    """Return the words, with a form that takes the act back where one request does: a form sends no more."""
    steps = toast.get("undo", [])
    if len(steps) != 1:
        return str(toast["text"])
    html = markup(request, "workspace/_told.html", "told", words=toast["text"], step=steps[0])
    return mark_safe(html)  # noqa: S308  an escaping template
