from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "rapport.kernel.web"
    label = "web"
