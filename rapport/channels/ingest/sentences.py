"""What is said of mail that came in, by codes."""

from rapport.kernel.sentences import Sentences
from rapport.kernel.sentences import gettext_noop as _

sentence = Sentences(
    "ingest",
    {
        "not_authentic": _(
            "It answers a conversation, but the sender's mail server does not vouch for the sender."
        ),
        "unknown_sender": _(
            "It answers a message of ours, but comes from an address that has not taken part."
        ),
        "fits_nothing": _("{said} It fits no message that we sent."),
        "own_inbox": _("It comes from one of our own inboxes."),
        "staff": _("It comes from a member of staff."),
        "to_ourselves": _("It went to none but ourselves."),
        "answers_forward": _("An answer to a forward; it stays internal."),
        "blocked": _("{address} is blocked."),
        "copy": _("The same mail reached another inbox; it is in #{number}."),
        "here_already": _("It is here already, in #{number}."),
        "empty": _("Nothing could be read in it."),
        "unreadable": _("It could not be read ({error}). The original is kept; you can try again."),
        "process_died": _("Reading it ended the program each time. The original is kept; you can try again."),
        "placed": _("Placed by {name}."),
        "dismissed": _("Dismissed by {name}."),
    },
)
