from datetime import timedelta

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "rapport.kernel.jobs"
    label = "jobs"

    def ready(self) -> None:
        from rapport.kernel.jobs import tasks
        from rapport.kernel.jobs.queues import register_queue
        from rapport.kernel.jobs.schedule import cron
        from rapport.kernel.jobs.sentences import sentence
        from rapport.kernel.sentences import register_sentences

        register_queue(tasks.JOBS)
        register_sentences(sentence)
        cron("jobs.forget_ticks", timedelta(hours=1))(_forget_ticks)
        autodiscover_modules("jobs")


def _forget_ticks() -> None:
    from rapport.kernel.jobs import tasks

    tasks.forget_ticks()
