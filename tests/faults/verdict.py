"""REL-01, REL-02: comparing the ledgers both ways: accepted with stored, stored with delivered."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.faults.traffic import Ledger
from tests.servers.smtp_sink import Sink

_ANSWER = re.compile(r"answer-[a-z0-9]+-\d+\.")


@dataclass
class Verdict:
    """What is wrong, by kind; nothing means that every promise was kept."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    stored: int = 0
    sent: int = 0
    second_copies: int = 0

    def note(self, kind: str, cases: list[str]) -> None:
        """Add cases of one kind."""
        if cases:
            self.wrong[kind] = cases

    def __str__(self) -> str:
        if not self.wrong:
            return (
                f"0 lost, 0 duplicate, nothing sent that was not written "
                f"({self.stored} mails stored, {self.sent} answers delivered, "
                f"{self.second_copies} second copies)"
            )
        return "; ".join(f"{len(cases)} {kind}: {', '.join(cases[:5])}" for kind, cases in self.wrong.items())


def judge(ledger: Ledger, sink: Sink) -> Verdict:
    """Compare after everything has drained. Reads the database of the product."""
    from rapport.conversations.models import Conversation, Delivery, Message
    from rapport.inboxes.models import RawInbound

    verdict = Verdict()
    stored = Counter(Message.objects.filter(direction="in").values_list("identity", flat=True))
    verdict.stored = len(stored)
    verdict.note("lost", sorted(ledger.accepted - set(stored)))
    verdict.note("duplicate mails", sorted(each for each, count in stored.items() if count > 1))
    verdict.note("mails from nowhere", sorted(set(stored) - ledger.offered))
    places = Conversation.objects.count()
    if places != len(stored):
        verdict.note("conversations beside the number of mails", [f"{places} for {len(stored)}"])
    unread = RawInbound.objects.exclude(outcome__in=("parsed", "duplicate"))
    verdict.note("raw rows not read", [f"{row.pk} {row.outcome} {row.reason}" for row in unread[:20]])

    answers = list(Message.objects.filter(direction="out").values_list("identity", "text"))
    written: Counter[str] = Counter()
    for _, text in answers:
        written.update(_ANSWER.findall(text)[:1])
    verdict.note("lost answers", sorted(ledger.answers_accepted - set(written)))
    verdict.note("answers written twice", sorted(each for each, count in written.items() if count > 1))
    unsettled = Delivery.objects.exclude(state="done")
    verdict.note("unsettled deliveries", [f"{row.pk} {row.state} {row.reason}" for row in unsettled[:20]])

    taken = sink.taken()
    copies = Counter(each.message_id for each in taken)
    identities = {identity for identity, _ in answers}
    verdict.sent = len(copies)
    verdict.second_copies = sum(count - 1 for count in copies.values())
    verdict.note("answers never delivered", sorted(identities - set(copies)))
    verdict.note("sent but not written", sorted(set(copies) - identities))
    names = defaultdict(set)
    for each in taken:
        for words in _ANSWER.findall(sink.content(each).decode("utf-8", "replace"))[:1]:
            names[words].add(each.message_id)
    verdict.note(
        "answers under two Message-IDs", sorted(words for words, ids in names.items() if len(ids) > 1)
    )
    return verdict
