from django.apps import AppConfig


class DbConfig(AppConfig):
    name = "rapport.kernel.db"
    label = "db"
