from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "rapport.console"
    label = "console"

    def ready(self) -> None:
        from rapport.console import topics
        from rapport.staff.permissions import Permission
        from rapport.ui.navigation import Item, register

        def item(key: str, label: object, icon: str, section: str, permission: str, order: int) -> None:
            register(
                Item(
                    key=key,
                    label=label,  # type: ignore[arg-type]
                    url_name=f"console:{key}",
                    icon=icon,
                    section=section,
                    permission=permission,
                    order=order,
                )
            )

        item("profile", _("My profile"), "user-round", "me", "", 10)
        item("people", _("People"), "users-round", "company", Permission.PEOPLE, 10)
        item("teams", _("Teams"), "users", "company", Permission.PEOPLE, 20)
        item("brands", _("Brands"), "flag", "company", Permission.SETTINGS, 30)
        item("inboxes", _("Inboxes"), "inbox", "work", Permission.SETTINGS, 10)
        item("canned_replies", _("Canned replies"), "zap", "work", Permission.CANNED_REPLIES, 20)
        item("tags", _("Tags"), "tags", "work", Permission.TAGS, 30)
        item("audit", _("Audit log"), "history", "system", Permission.AUDIT, 10)
        item("queues", _("Queues"), "list", "system", Permission.QUEUES, 20)
        topics.register()
