from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "rapport.channels.ingest"
    label = "ingest"

    def ready(self) -> None:
        from rapport.channels.ingest.queue import register

        register()
