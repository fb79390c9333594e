from datetime import timedelta

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "rapport.kernel.web"
    label = "web"

    def ready(self) -> None:
        from rapport.kernel.jobs.schedule import cron
        from rapport.kernel.web.converters import register

        register()
        cron("web.forget_expired", timedelta(minutes=10))(_forget_expired)


def _forget_expired() -> None:
    from rapport.kernel.db.cache import forget_expired

    forget_expired()
