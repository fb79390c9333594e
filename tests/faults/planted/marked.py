"""Marked before the 250: the delivery counts as sent, and then it is sent."""

import time

LATER = 0.4


def _deliver(module):
    record_sent = module.record_sent

    def early(delivery):
        from rapport.inboxes.contract import Receipt, RecipientResult

        outgoing, inbox = module.build(delivery)
        everybody = (*outgoing.to, *outgoing.cc, *outgoing.bcc)
        told = tuple(RecipientResult(address=each.value, accepted=True) for each in everybody)
        record_sent(delivery=delivery, receipt=Receipt(recipients=told))
        time.sleep(LATER)
        module.channel(inbox.kind).send(outgoing, inbox)

    module.deliver = early


PATCHES = {"rapport.channels.delivery.queue": _deliver}
