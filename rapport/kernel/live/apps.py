from datetime import timedelta

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "rapport.kernel.live"
    label = "live"

    def ready(self) -> None:
        from rapport.kernel.jobs.schedule import cron

        cron("live.forget_old", timedelta(minutes=10))(_forget_old)


def _forget_old() -> None:
    from rapport.kernel.live.retention import forget_old

    forget_old()
