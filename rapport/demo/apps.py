from django.apps import AppConfig
from django.conf import settings


class DemoConfig(AppConfig):
    name = "rapport.demo"
    label = "demo"

    def ready(self) -> None:
        if settings.DEMO:
            from rapport.kernel.web import assets

            assets.register_stylesheets("demo/css/demo.css")
