from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "rapport.channels.delivery"
    label = "delivery"

    def ready(self) -> None:
        from rapport.channels.delivery.queue import register

        register()
