from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "rapport.staff"
    label = "staff"

    def ready(self) -> None:
        from rapport.kernel.files.references import References, register_references
        from rapport.staff import kinds, second_factor, topics
        from rapport.staff.queries.avatars import avatar_files

        kinds.register()
        topics.register()
        second_factor.register()
        register_references(References("staff.avatars", avatar_files))
