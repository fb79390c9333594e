"""What pages of third parties, rendered by Django's engine, need to look like ours."""

from typing import Any

from django import template
from django.utils import translation
from django.utils.safestring import SafeString

from rapport.kernel.web import assets
from rapport.kernel.web.render import RIGHT_TO_LEFT, THEMES, jinja

register = template.Library()


@register.simple_tag
def look_stylesheet() -> str:
    """Return the address of the style sheet."""
    return assets.stylesheet_url()


@register.simple_tag
def look_static(path: str) -> str:
    """Return the address of a static file with its digest."""
    return assets.static(path)


@register.simple_tag
def look_wordmark() -> SafeString:
    """Return the sign and name of the product."""
    components: Any = jinja().globals["ui"]
    return SafeString(components.wordmark(href="/"))


@register.simple_tag
def look_direction() -> str:
    """Return ``rtl`` or ``ltr`` for the language of the page."""
    return "rtl" if (translation.get_language() or "").split("-")[0] in RIGHT_TO_LEFT else "ltr"


@register.simple_tag(takes_context=True)
def look_theme(context: template.Context) -> str:
    """Return the reader's choice of light, dark or auto."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "auto") if request else "auto"
    return chosen if chosen in THEMES else "auto"
