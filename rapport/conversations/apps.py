from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "rapport.conversations"
    label = "conversations"

    def ready(self) -> None:
        from rapport.conversations import jobs, kinds, reactions  # noqa: F401
        from rapport.conversations.actions import retry_failed  # noqa: F401
        from rapport.conversations.registrations import register
        from rapport.conversations.sentences import sentence
        from rapport.kernel.sentences import register_sentences

        kinds.register()
        register()
        register_sentences(sentence)
