from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "rapport.customers"
    label = "customers"

    def ready(self) -> None:
        from rapport.customers import kinds

        kinds.register()
