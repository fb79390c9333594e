"""Pages and parts of pages from Jinja2 templates, with the same context for both.

``page`` and ``block`` are the only ways to an HTML answer of our own, so a fragment for htmx sees exactly
what the whole page sees.
"""

from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from jinja2 import pass_environment
from jinja2_fragments import render_block
from markupsafe import Markup

from rapport.kernel.sentences import say
from rapport.kernel.web import assets, filters, headers, modules
from rapport.kernel.web.addresses import address
from rapport.kernel.web.folding import SpeakingEnvironment
from rapport.kernel.web.remembered import Remembered

_components: dict[str, tuple[str, ...]] = {}
_globals: dict[str, object] = {}
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_fragments = Remembered(capacity=8_000_000)
THEMES = ("auto", "light", "dark")


def register_components(name: str, *templates: str) -> None:
    """Give every template the macros of ``templates`` under one ``name``; for ``AppConfig.ready``.

    A global and no import, because a block that is rendered alone does not see the imports of its template.
    """
    _components[name] = templates


def register_globals(**values: object) -> None:
    """Give every template ``values``; for ``AppConfig.ready``."""
    _globals.update(values)


class Components:
    """The macros of some templates, loaded at first use, and anew in debug mode."""

    def __init__(self, made: jinja2.Environment, templates: tuple[str, ...]) -> None:
        self._made = made
        self._templates = templates

    def _load(self) -> dict[str, Any]:
        modules = [vars(self._made.get_template(name).module) for name in self._templates]
        return {name: macro for module in modules for name, macro in module.items() if name[0] != "_"}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        macros = self._load()
        if not settings.DEBUG:
            vars(self).update(macros)
        try:
            return macros[name]
        except KeyError:
            raise AttributeError(f"no macro {name} in {', '.join(self._templates)}") from None


def _template_folders() -> list[str]:
    folders = (
        Path(app.path) / "templates" for app in apps.get_app_configs() if app.name.startswith("rapport.")
    )
    return [str(folder) for folder in folders if folder.is_dir()]


@lru_cache(maxsize=256)
def _icon(name: str, size: str, sprite: str) -> Markup:
    return Markup('<svg class="icon"{} aria-hidden="true"><use href="{}#{}"/></svg>').format(
        "" if size == "m" else Markup(' data-size="{}"').format(size), sprite, name
    )


def icon(name: str, size: str = "m") -> Markup:
    """Return the icon ``name`` of the sprite, hidden from screen readers; ``size`` is s, m or l."""
    return _icon(name, size, assets.static("ui/icons.svg"))


def environment(*, language: str = "", **options: Any) -> jinja2.Environment:
    """Return a Jinja2 environment of all own templates; Django's template backend calls it.

    With a ``language`` its templates are compiled for that language alone. A variable that a template expects
    and a view forgets is an error in debug mode and in tests; in production it is empty.
    """
    # Django's test runners replace the outbox of mails: the sign that tests are running.
    strict = settings.DEBUG or hasattr(mail, "outbox")
    options["undefined"] = jinja2.StrictUndefined if strict else jinja2.ChainableUndefined
    options["loader"] = jinja2.FileSystemLoader(_template_folders())
    options["autoescape"] = True
    made = SpeakingEnvironment(
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    made.language = language
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=translation.gettext,
        ngettext=translation.ngettext,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
        newstyle=True,
    )
    _furnish(made)
    return made


def _furnish(made: jinja2.Environment) -> None:
    made.globals |= {
        "url": address,
        "static": assets.static,
        "stylesheet_url": assets.stylesheet_url,
        "import_map": modules.import_map,
        "module_url": modules.module_url,
        "icon": icon,
    }
    made.globals |= _globals
    made.globals |= {name: Components(made, templates) for name, templates in _components.items()}
    made.filters |= {
        "time_tag": filters.time_tag,
        "file_size": filters.file_size,
        "initials": filters.initials,
        "hue": filters.hue,
        "lines": filters.lines,
        "say": say,
        "shown": shown,
    }


@lru_cache(maxsize=len(settings.LANGUAGES) + 1)
def _speaking(language: str) -> jinja2.Environment:
    return environment(language=language, auto_reload=settings.DEBUG)


def jinja() -> jinja2.Environment:
    """Return the environment whose templates speak the language of now."""
    return _speaking(translation.get_language() or settings.LANGUAGE_CODE)


def warm(*folders: str) -> None:
    """Compile the templates in these folders for the first language: processes forked later share them."""
    made = _speaking(settings.LANGUAGE_CODE)
    for name in made.list_templates(filter_func=lambda each: each.startswith(folders)):
        made.get_template(name)


@pass_environment
def shown(made: SpeakingEnvironment, value: Hashable, *templates: str) -> Markup:
    """Return the first of ``templates`` that is there, of ``it``, the value: once for all equal ones.

    The template may read nothing but ``it``, which must be frozen and hold all that it shows.
    """

    def make() -> Markup:
        return Markup(made.select_template(list(templates)).render(it=value))  # noqa: S704  an escaping template

    return make() if settings.DEBUG else _fragments.get((made.language, templates, value), make)


def _csrf_input(token: object) -> Markup:
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(token)


def _base_context(request: HttpRequest) -> dict[str, Any]:
    language = translation.get_language() or settings.LANGUAGE_CODE
    theme = request.COOKIES.get("theme", "auto")
    csrf_token = SimpleLazyObject(lambda: get_token(request))
    return {
        "request": request,
        "agent": getattr(request, "agent", None),
        "is_held": getattr(request, "held", False),
        "csrf_input": SimpleLazyObject(lambda: _csrf_input(csrf_token)),
        "csrf_token": csrf_token,
        "style_nonce": SimpleLazyObject(lambda: headers.nonce(request)),
        "language": language,
        "direction": "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr",
        "theme": theme if theme in THEMES else "auto",
        "is_demo": bool(getattr(settings, "DEMO", False)),
    }


def page(request: HttpRequest, template: str, /, *, status: int = 200, **context: Any) -> HttpResponse:
    """Answer the whole ``template`` with ``context``."""
    html = jinja().get_template(template).render(_base_context(request) | context)
    return HttpResponse(html, status=status)


def block(
    request: HttpRequest, template: str, block: str, /, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Answer one named ``block`` of ``template`` with the context that the whole page would have."""
    return HttpResponse(markup(request, template, block, **context), status=status)


def markup(request: HttpRequest, template: str, block: str, /, **context: Any) -> str:
    """Return one named ``block`` as text, for an answer that joins several."""
    html: str = render_block(jinja(), template, block, _base_context(request) | context)
    return html
