from collections.abc import Collection, Iterable

from django.apps import AppConfig

from rapport.kernel.files.references import References, register_references


class InboxesConfig(AppConfig):
    name = "rapport.inboxes"
    label = "inboxes"

    def ready(self) -> None:
        from rapport.inboxes import kinds

        kinds.register()
        from rapport.inboxes import jobs  # noqa: F401

        register_references(References("raw mail", _files_of_raw_rows))


def _files_of_raw_rows(ids: Collection[int]) -> Iterable[int]:
    from rapport.inboxes.models import RawInbound

    return RawInbound.objects.filter(file__in=ids).values_list("file", flat=True)
