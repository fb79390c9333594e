#!/usr/bin/env python3
"""Print how well mail is read, measured on the folders that RAPPORT_CORPORA names.

Usage: RAPPORT_CORPORA=/folder scripts/score_corpora.py [-v] [group ...]
Groups: fields, threads, replies, bounces, html.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


@dataclass
class Score:
    """Right answers out of all, with the wrong ones."""

    name: str
    target: float
    right: int = 0
    total: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, ok: bool, what: str) -> None:
        self.total += 1
        self.right += ok
        if not ok:
            self.wrong.append(what)

    @property
    def share(self) -> float:
        return self.right / self.total if self.total else 0.0

    @property
    def met(self) -> bool:
        return self.share >= self.target


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def folded(text: str | None) -> str:
    return " ".join((text or "").split())


def same_text(expected: str, found: str) -> bool:
    """Equal after white-space folding; a replacement character in the expected text stands for anything."""
    wanted, got = folded(expected), folded(found)
    if "�" in wanted:
        return bool(re.fullmatch(".{0,3}?".join(re.escape(piece) for piece in re.split("�+", wanted)), got))
    return wanted == got


def explain(path: Path) -> dict[str, Any]:
    from rapport.channels.email.explain import explain as explain_mail

    return explain_mail(path.read_bytes())


def fields(root: Path) -> list[Score]:
    score = Score("expected fields", 0.95)
    for row in rows(root / "email-mime-mixed" / "expected.jsonl"):
        mixed(score, row, explain(root / "email-mime-mixed" / row["file"]))
    for row in rows(root / "email-mime-stalwart" / "expected.jsonl"):
        stalwart(score, row, explain(root / "email-mime-stalwart" / row["file"]))
    return [score]


def mixed(score: Score, row: dict[str, Any], found: dict[str, Any]) -> None:
    name = row["file"]
    score.add(folded(row["subject"]) == folded(found["subject"]), f"{name} subject {found['subject']!r}")
    score.add(
        row["from"]["email"].lower() == found["from_email"].lower(), f"{name} from {found['from_email']!r}"
    )
    score.add(
        row["from"]["name"] in (found["from_name"], found["from_email"]),
        f"{name} from name {found['from_name']!r}",
    )
    first = found["to"][0] if found["to"] else {"email": "", "name": ""}
    score.add(row["to"]["email"].lower() == first["email"].lower(), f"{name} to {first}")
    score.add(row["to"]["name"] in (first["name"], first["email"]), f"{name} to name {first}")
    if row.get("text"):
        score.add(same_text(row["text"], found["text"]), f"{name} text {found['text'][:200]!r}")
    if "text_contains" in row:
        score.add(row["text_contains"] in found["text"], f"{name} text_contains {found['text'][:200]!r}")
    if "n_attachments" in row:
        have = [file["name"] for file in found["attachments"]]
        score.add(
            row["n_attachments"] == len(have), f"{name} {row['n_attachments']} attachments, have {have}"
        )
    for file in row.get("attachments", []):
        have = [(one["name"], one["size"]) for one in found["attachments"]]
        score.add(
            (file["filename"], file["size"]) in have, f"{name} {file['filename']} {file['size']} have {have}"
        )


def stalwart(score: Score, row: dict[str, Any], found: dict[str, Any]) -> None:
    name = row["file"]
    score.add(
        folded(row["subject"]) == folded(found["subject"]),
        f"{name} subject {row['subject']!r} {found['subject']!r}",
    )
    sender = row["from"]
    first = (sender.get("List") or [{}])[0] if sender else {}
    if not sender or "List" in sender:
        wanted = first.get("address") or ""
        score.add(
            wanted.lower() == found["from_email"].lower(), f"{name} from {wanted!r} {found['from_email']!r}"
        )
    score.add(
        len(row["attachments"]) == len(found["attachments"]),
        f"{name} {row['attachments']} have {[(file['name'], file['type']) for file in found['attachments']]}",
    )
    names = [one["name"] for one in row["attachments"] if one["name"]]
    have = [one["name"] for one in found["attachments"]]
    score.add(all(one.split("/")[-1] in have for one in names), f"{name} names {names} have {have}")
    wanted = "\n".join(row["text"])
    if wanted.strip():
        score.add(
            same_text(wanted, found["text"]),
            f"{name} text {wanted[:300]!r}\n      have {found['text'][:300]!r}",
        )


def thread_checks(found: dict[str, Any]) -> dict[str, Callable[[Any], bool]]:
    return {
        "is_auto_reply": lambda want: want == any(v["kind"] == "auto_reply" for v in found["verdicts"]),
        "subject": lambda want: folded(want) == folded(found["subject"]),
        "text": lambda want: same_text(want, found["text"]),
        "reply": lambda want: same_text(want, found["reply_text"]),
        "reply_contains": lambda want: folded(want) in folded(found["reply_text"]),
        "reply_startswith": lambda want: folded(found["reply_text"]).startswith(folded(want)),
        "n_attachments": lambda want: want == sum(1 for file in found["attachments"] if not file["inline"]),
        "in_reply_to": lambda want: (want or "") == (found["in_reply_to"] or ""),
        "date": lambda want: want == found["date"],
        "contact_email": lambda want: want == found["customer_email"],
        "contact_is": lambda want: want.startswith(found["customer_rule"]),
        "contact_name": lambda _: found["from_name"] == found["from_email"].split("@")[0],
        "text_must_not": lambda want: not any(piece in found["text"] for piece in want),
        "filenames": lambda want: (
            all(f["name"] for f in found["attachments"])
            if isinstance(want, str)
            else want == [file["name"] for file in found["attachments"]]
        ),
    }


def threads(root: Path) -> list[Score]:
    score = Score("expected fields of threads", 0.95)
    for row in json.loads((root / "email-chatwoot" / "expected.json").read_text(encoding="utf-8")):
        name, found = row["file"], explain(root / "email-chatwoot" / "eml" / row["file"])
        checks = thread_checks(found)
        for key, want in row.items():
            if key in checks:
                score.add(
                    checks[key](want),
                    f"{name} {key} {want!r} {found['reply_text'][:300]!r} {found['attachments']}",
                )
    return [score]


def reply_of(path: Path, kind: str, sender: str) -> tuple[str, str]:
    from rapport.kernel.text import quotes

    if kind == "eml":
        found = explain(path)
        return found["reply_text"], found["signature"]
    text = path.read_text(encoding="utf-8", errors="replace")
    parts = quotes.split_html(text, sender=sender) if kind == "html" else quotes.split(text, sender)
    return parts.reply, parts.signature


def lost(expected: str, found: str) -> bool:
    """Whether more than 5 % of the expected words are missing."""
    wanted, have = re.findall(r"\w+", expected), set(re.findall(r"\w+", found))
    return sum(1 for word in wanted if word not in have) > 0.05 * len(wanted)


def replies(root: Path) -> list[Score]:
    exact, kept = Score("exact replies", 0.65), Score("replies that keep the customer's words", 0.98)
    for row in rows(root / "email-reply" / "expected.jsonl"):
        sender = row.get("note", "").partition("sender=")[2]
        reply, signature = reply_of(root / "email-reply" / row["file"], row["kind"], sender)
        mode, wanted = row["mode"], row.get("reply", "")
        if mode == "contains":
            ok = all(re.search(piece, reply) for piece in row["must"])
        elif mode == "signature":
            ok = folded(row["elided"]) == folded(signature)
        elif mode == "nows":
            ok = "".join(wanted.split()) == "".join(reply.split())
        else:
            ok = same_text(wanted, reply)
        exact.add(
            ok, f"{row['id']} wanted {wanted[-300:]!r}\n      have {reply[-400:]!r} signature {signature!r}"
        )
        kept.add(not lost(wanted, reply), f"{row['id']} lost words")
    return [exact, kept]


def bounces(root: Path) -> list[Score]:
    kinds, hard = Score("bounce kind", 0.97), Score("hard or soft", 0.88)
    status, people = Score("DSN status", 0.0), Score("bounced recipients named", 0.0)
    names = {"bounce": "bounce", "complaint": "complaint", "auto_reply": "auto_reply"}
    for row in rows(root / "email-bounce-sisimai" / "expected.jsonl"):
        found = explain(root / "email-bounce-sisimai" / "eml" / row["file"])
        have = next((v["kind"] for v in found["verdicts"] if v["kind"] in names), None)
        right = have == names.get(row["kind"]) or (row["kind"] == "delivered" and have == "auto_reply")
        kinds.add(right, f"{row['file']} {row['kind']} have {found['verdicts']}")
        if row["kind"] != "bounce":
            continue
        wanted = any(one["hard"] for one in row["recipients"])
        reasons = [one["reason"] for one in row["recipients"]]
        told = [v["reason"] for v in found["verdicts"]]
        hard.add(wanted == bool(found["hard"]), f"{row['file']} {wanted} {reasons} {found['dsn']} {told}")
        wanted_status = {one["dsn"] for one in row["recipients"] if not re.match(r"[45]\.0\.", one["dsn"])}
        if wanted_status:
            status.add(found["dsn"] in wanted_status, f"{row['file']} {wanted_status} have {found['dsn']!r}")
        people.add(bool(found["recipients"]), f"{row['file']} no recipient")
    return [kinds, hard, status, people]


def html(root: Path) -> list[Score]:
    from rapport.kernel.text import sanitise
    from rapport.kernel.text.tests.danger import dangers

    score = Score("hostile HTML made harmless", 1.0)
    for row in rows(root / "xss-html" / "vectors.jsonl"):
        for form in (sanitise.reading_form, sanitise.original_look):
            found = dangers(form(row["payload"]))
            score.add(
                not found,
                f"{row['id']} {form.__name__} {found} {row['payload']!r} -> {form(row['payload'])!r}",
            )
    return [score]


GROUPS: dict[str, Callable[[Path], list[Score]]] = {
    "fields": fields,
    "threads": threads,
    "replies": replies,
    "bounces": bounces,
    "html": html,
}


def main(arguments: list[str]) -> int:
    root = os.environ.get("RAPPORT_CORPORA")
    if not root:
        print("RAPPORT_CORPORA is not set: nothing measured.", file=sys.stderr)
        return 2
    verbose = "-v" in arguments
    chosen = [name for name in arguments if name in GROUPS] or list(GROUPS)
    failed = False
    for name in chosen:
        for score in GROUPS[name](Path(root)):
            failed |= not score.met
            state = "ok" if score.met else "BELOW"
            counts = f"{score.right:5}/{score.total:<5} {score.share:7.1%}"
            print(f"{score.name:45} {counts}  target {score.target:.0%}  {state}")
            if verbose:
                print("".join(f"    {line}\n" for line in score.wrong), end="")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
