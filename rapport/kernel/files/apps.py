from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "rapport.kernel.files"
    label = "files"
