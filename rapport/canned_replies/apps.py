from django.apps import AppConfig


class CannedRepliesConfig(AppConfig):
    name = "rapport.canned_replies"
    label = "canned_replies"

    def ready(self) -> None:
        from rapport.canned_replies import kinds

        kinds.register()
