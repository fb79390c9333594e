"""Pages of the design system."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.kernel.clock import now
from rapport.kernel.web import render
from rapport.kernel.web.door import SIGNED_IN, door


class SampleForm(forms.Form):
    """A form with one field of each kind, for the design page."""

    name = forms.CharField(label="Name")
    address = forms.EmailField(label="E-mail address", help_text="Where answers go.")
    language = forms.ChoiceField(label="Language", choices=[("en", "English"), ("de", "Deutsch")])
    about = forms.CharField(label="About", widget=forms.Textarea, required=False)
    follow = forms.BooleanField(label="Follow every conversation", required=False)


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
