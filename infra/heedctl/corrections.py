"""What people say that the judge should have understood: `heed correct` says it of a message of a case, `heed judge
corrections` writes a month of it as the export that `heed judge eval` reads.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from infra.heedctl.desk import Desk
from infra.heedctl.screen import Screen, fit
from infra.heedctl.target import Failed

LABELS = ("kind", "sentiment", "topic", "risks", "language")
_SHOWN = 60


def correct(desk: Desk, options: argparse.Namespace, screen: Screen) -> int:
    """Correct a customer's message, by default the last; says which words that are."""
    labels = {name: given for name in LABELS if (given := getattr(options, name)) is not None}
    if not labels:
        options.parser.error(f"say what the message is: {', '.join(f'--{name}' for name in LABELS)}")
    message = _message(desk, options.id, options.message)
    answer = desk.correct(options.id, {"message_id": message["id"], **labels})
    said = {**labels, "risks": ",".join(labels["risks"]) or "none"} if "risks" in labels else labels
    screen.show(f"“{fit(message['text'], _SHOWN)}”: {', '.join(f'{name} {label}' for name, label in said.items())}")
    if not answer["changed"]:
        screen.show("nothing changed: it was so already")
    return 0


def _message(desk: Desk, case_id: str, message_id: str | None) -> dict[str, Any]:
    """The customer's message of this id, or the last with words. Failed names those there are."""
    _, timeline = desk.case(case_id)
    messages = [line for line in timeline if line["type"] == "message" and line["author"] == "customer"]
    said = [line for line in messages if line["text"].strip()]
    if chosen := [line for line in said if message_id in (None, line["id"])]:
        return chosen[-1]
    there = "".join(f"\n  {fit(line['id'], 512)}  {fit(line['text'], _SHOWN)}" for line in said)
    raise Failed(f"the customer said no such message; choose from:{there}" if said else "the customer said no words")


def export(desk: Desk, month: str, screen: Screen) -> int:
    """A line for each correction of the month, and on stderr how many there are."""
    count = 0
    for correction in desk.corrections(month):
        screen.show(jsonl(correction["labelled"]))
        count += 1
    print(f"{month}: {count} corrected message{'' if count == 1 else 's'}", file=sys.stderr)
    return 0


def jsonl(labelled: dict[str, Any]) -> str:
    """A line of an export. What could move a terminal's cursor is escaped, which JSON reads as the same."""
    line = json.dumps(labelled, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)
