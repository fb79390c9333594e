from django.apps import AppConfig


class EmailConfig(AppConfig):
    name = "rapport.channels.email"
    label = "email"

    def ready(self) -> None:
        from rapport.channels.email import errands, reactions  # noqa: F401
        from rapport.channels.email.actions import undo_import  # noqa: F401
        from rapport.channels.email.adapter import EmailChannel
        from rapport.channels.email.sentences import sentence
        from rapport.inboxes.registry import register_channel
        from rapport.kernel.sentences import register_sentences

        register_channel(EmailChannel())
        register_sentences(sentence)
