from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class StreamConfig(AppConfig):
    name = "rapport.kernel.stream"
    label = "stream"

    def ready(self) -> None:
        from rapport.kernel.jobs.queues import register_queue
        from rapport.kernel.stream.reactions import REACTIONS

        register_queue(REACTIONS)
        autodiscover_modules("reactions")
