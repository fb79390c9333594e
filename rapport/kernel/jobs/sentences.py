"""Why work was given up, by codes."""

from rapport.kernel.sentences import Sentences
from rapport.kernel.sentences import gettext_noop as _

sentence = Sentences(
    "jobs",
    {
        "died": _("The program ended each time it worked on this."),
        "unknown": _("No work is called {name}. It may belong to another version of Rapport."),
    },
)
