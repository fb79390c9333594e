"""“Why is this here?” in words, from the reasons stored with a message."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

TEXTS = {
    "new": gettext_noop("It answers nothing that we know, so it began a new conversation."),
    "token": gettext_noop(
        "It carries the signed reply token of our message, and the sender takes part in %(n)s."
    ),
    "own_id": gettext_noop("It answers a message of this conversation, and the sender takes part in %(n)s."),
    "token_new_address": gettext_noop(
        "It carries the signed reply token of our message, but its sender has not taken part so far."
    ),
    "copied": gettext_noop(
        "It answers a message of %(n)s, and its sender was in copy there, but no agent has accepted them yet."
    ),
    "number": gettext_noop(
        "Its subject names %(n)s, the sender takes part there, and the mail server vouches for them."
    ),
    "number_hint": gettext_noop("Its subject names %(n)s, which is a hint but no proof."),
    "foreign_thread": gettext_noop(
        "It refers to a message of %(n)s, but the sender does not take part there."
    ),
    "follow_up": gettext_noop("It answers %(n)s, which is closed, so it began a linked conversation."),
    "closed_unknown": gettext_noop(
        "It answers %(n)s, which is closed, and the sender does not take part there."
    ),
    "spam_thread": gettext_noop(
        "It answers %(n)s, which is marked as spam, so it began a conversation of its own."
    ),
    "blocked": gettext_noop("Its sender is blocked, so it opened nothing and nobody was told."),
    "disowned": gettext_noop("The sender's mail server does not vouch for it."),
    "other_author": gettext_noop("It names a customer whom we know, but another address wrote it."),
    "by_hand": gettext_noop("A colleague put it here."),
    "forwarded": gettext_noop("It forwards a mail of %(who)s."),
    "written_by": gettext_noop("The address in its From is %(who)s."),
    "imported": gettext_noop("It was taken over from the mailbox's history."),
}


def words_for(reasons: list[dict[str, str]], inbox_name: str) -> tuple[str, ...]:
    """Return the stored reasons as sentences."""
    said = (_sentence(reason.get("code", ""), reason) for reason in reasons)
    return (*said, _("It came in through %(inbox)s.") % {"inbox": inbox_name})


def _sentence(code: str, reason: dict[str, str]) -> str:
    who = reason.get("name") or reason.get("address", "")
    return _(TEXTS.get(code, code)) % {"n": f"#{reason.get('number', '')}", "who": who}
