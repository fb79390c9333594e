from django.apps import AppConfig


class OutboundConfig(AppConfig):
    name = "rapport.kernel.outbound"
    label = "outbound"

    def ready(self) -> None:
        from rapport.kernel.jobs.queues import register_queue
        from rapport.kernel.outbound.mail import SYSTEM_MAIL
        from rapport.kernel.outbound.sentences import sentence
        from rapport.kernel.sentences import register_sentences

        register_queue(SYSTEM_MAIL)
        register_sentences(sentence)
