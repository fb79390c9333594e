from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

STYLESHEETS = (
    "layers", "fonts", "reset", "tokens", "base", "shell",
    "buttons", "menus", "forms", "editor", "people", "states", "feedback", "dialogs", "tables", "cards",
    "connect", "allauth",
)  # fmt: skip


class UiConfig(AppConfig):
    name = "rapport.ui"
    label = "ui"

    def ready(self) -> None:
        from rapport.kernel.jobs.hold import HELD
        from rapport.kernel.web import assets, modules, render
        from rapport.ui import navigation, texts

        assets.register_stylesheets(*(f"ui/css/{name}.css" for name in STYLESHEETS))
        modules.register_modules("ui", "ui/js")
        modules.register_library("htmx.org", "vendor/htmx/htmx.js")
        modules.register_library("trix", "vendor/trix/trix.js")
        render.register_components(
            "ui",
            *(f"ui/components/{name}.html" for name in ("actions", "forms", "display", "layout", "chrome")),
        )
        render.register_globals(
            navigation_sections=navigation.sections, texts_url=texts.texts_url, held_words=HELD
        )
        navigation.register_section("me", _("Me"), order=10)
        navigation.register_section("company", _("Company"), order=20)
        navigation.register_section("work", _("Work"), order=30)
        navigation.register_section("system", _("System"), order=40)
