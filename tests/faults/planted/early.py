"""Acknowledged before the raw row: the cursor moves, LMTP says 250, the pipe exits 0; the row comes later."""

import os
import threading
import time

LATER = 0.4


def _cursor(module):
    wanted = module._wanted

    def early(box, cursor, uids):
        found = wanted(box, cursor, uids)
        if uids:
            module._advance(cursor, uids[-1])
            time.sleep(LATER)
        return found

    module._wanted = early


def _lmtp(module):
    store = module.answer_data

    def early(*arguments):
        def later():
            time.sleep(LATER)
            store(*arguments)

        threading.Thread(target=later).start()
        return module.STORED

    module.answer_data = early


def _pipe(module):
    receive = module.receive

    def early(mail, **where):
        if os.fork() == 0:
            time.sleep(LATER)
            receive(mail, **where)
            os._exit(0)

    module.receive = early


PATCHES = {
    "rapport.channels.email.receive.folder": _cursor,
    "rapport.channels.email.receive.lmtp": _lmtp,
    "rapport.channels.email.receive.pipe": _pipe,
}
