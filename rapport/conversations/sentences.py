"""What is said of deliveries, by codes."""

from rapport.kernel.sentences import Sentences
from rapport.kernel.sentences import gettext_noop as _

sentence = Sentences(
    "conversations",
    {
        "text_gone": _("The text is gone."),
        "all_had_it": _("Everybody has had it already."),
        "recipient": "{address}: {said}",
        "own_failure": _(
            "Rapport itself could not send it ({error}). An administrator finds more in the log."
        ),
        "bounced": "{status} {reason}",
    },
)
