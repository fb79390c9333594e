from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "rapport.channels.ingest"
    label = "ingest"

    def ready(self) -> None:
        from rapport.channels.ingest.queue import register
        from rapport.channels.ingest.sentences import sentence
        from rapport.kernel.sentences import register_sentences

        register()
        register_sentences(sentence)
