"""Pages of the design system."""

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from rapport.kernel.clock import now
from rapport.kernel.web import render
from rapport.kernel.web.door import PUBLIC, SIGNED_IN, door
from rapport.ui.texts import texts_in


class SampleForm(forms.Form):
    """A form with one field of each kind, for the design page."""

    name = forms.CharField(label="Name")
    address = forms.EmailField(label="E-mail address", help_text="Where answers go.")
    language = forms.ChoiceField(label="Language", choices=[("en", "English"), ("de", "Deutsch")])
    about = forms.CharField(label="About", widget=forms.Textarea, required=False)
    follow = forms.BooleanField(label="Follow every conversation", required=False)


@door(PUBLIC)
@require_safe
def texts(_request: HttpRequest, language: str, digest: str) -> HttpResponse:
    """Answer the texts of scripts in ``language``; an old digest is sent on to the present one."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    found = texts_in(language)
    if digest != found.digest:
        return HttpResponseRedirect(reverse("ui:texts", args=[language, found.digest]))
    response = HttpResponse(found.content, content_type="application/json")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@door(SIGNED_IN)
@require_GET
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Answer the sheet of keyboard shortcuts."""
    return render.page(request, "ui/shortcuts.html")


@door(SIGNED_IN)
@require_GET
def design(request: HttpRequest) -> HttpResponse:
    """Show every component in every state."""
    form = SampleForm({"name": "", "address": "nobody"}) if "errors" in request.GET else SampleForm()
    return render.page(request, "ui/design.html", form=form, moment=now(), heading=_("Design"))
