from django.apps import AppConfig

STYLES = (
    "desk",
    "list",
    "conversation",
    "thread",
    "message",
    "delivery",
    "files",
    "composer",
    "recipients",
    "editor",
    "side",
    "customer",
)
"""Style sheets in the order of the cascade."""


class WorkspaceConfig(AppConfig):
    name = "rapport.workspace"
    label = "workspace"

    def ready(self) -> None:
        from rapport.kernel.web import assets, modules

        assets.register_stylesheets(*(f"workspace/css/{name}.css" for name in STYLES))
        modules.register_modules("workspace", "workspace/js")
