"""How a view says in words why it did nothing."""

from django.http import HttpResponse, HttpResponseBadRequest


def refusal(words: str) -> HttpResponse:
    """Return why nothing was done. Scripts show words that come as plain text, and nothing else, as they are.

    Who lacks the right, or sends what no screen of ours sends, gets Django's ``PermissionDenied`` and
    ``BadRequest``: they are explained to scripts in words, and to a browser on a page.
    """
    return HttpResponseBadRequest(words, content_type="text/plain; charset=utf-8")
