"""`heed judge`: what Heed understands of a text and why, and how that compares with a brand's own labels."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from heed.judge import assess
from heed.judge.words import Words
from heed.model import Assessment, RiskName
from heed.policy import load
from heed.policy.build import compile_policy
from heed.policy.source import Invalid
from infra.heedctl import training
from infra.heedctl.labelled import LABELS, Labelled, Unreadable, read
from infra.heedctl.screen import Screen, fit, pad, width
from infra.heedctl.target import Failed

BINS = 5
WORST = 10
_SHOWN = 72


class Judged(NamedTuple):
    """The same message as the judge understands it."""

    message: Labelled
    found: Assessment


def judge(options: argparse.Namespace, screen: Screen) -> int:
    """`heed judge TEXT`, `heed judge eval FILE` and `heed judge train FILE`; 2 if a line of the file cannot be read."""
    if options.file is None:
        screen.show(*shown(assess(options.text, options.language, _words(options.policy))))
        return 0
    if options.text not in ("eval", "train"):
        options.parser.error("a file comes after `eval` or `train`; to judge a text of several words, quote it")
    try:
        messages = read(options.file)
    except OSError as error:
        raise Failed(f"{options.file}: {error.strerror}") from None
    except Unreadable as error:
        print(*error.args, sep="\n", file=sys.stderr)
        return 2
    if options.text == "train":
        return training.train(options, len(messages), screen)
    words = _words(options.policy)
    judged = [Judged(each, assess(each.text, each.language or options.language, words)) for each in messages]
    screen.show(*report(judged))
    return 0


def _words(policy: Path) -> Words | None:
    """The brand's own words; Failed if the policy cannot be used."""
    try:
        return load(compile_policy(policy.read_text("utf-8"))).words
    except OSError as error:
        raise Failed(f"{policy}: {error.strerror}") from None
    except (Invalid, UnicodeDecodeError):
        raise Failed(f"{policy} is not valid: `heed policy check {policy}` names the line of every mistake") from None


def shown(found: Assessment) -> Iterator[str]:
    """An assessment with its evidence, a finding a line."""
    sure = found.confidence
    yield f"kind       {found.kind} ({sure.kind:.2f})"
    yield f"sentiment  {found.sentiment} ({sure.sentiment:.2f})"
    yield f"topic      {found.topic} ({sure.topic:.2f})"
    yield f"language   {found.language} ({sure.language:.2f})"
    yield f"risks      {', '.join(risk.name for risk in found.risks) or '-'}"
    yield f"signals    {', '.join(signal.name for signal in found.signals) or '-'}"
    yield f"uncertain  {'yes' if found.uncertain else 'no'}"
    yield from (f"because    {reason}" for reason in found.reasons)
    yield f"model      {found.model}"


def report(judged: Sequence[Judged]) -> Iterator[str]:
    """How often the judge agrees with the labels, field by field, and where it was surest and wrong."""
    yield f"{len(judged)} messages"
    for name, labels in LABELS.items():
        pairs = [
            (each.message.fields[name], str(getattr(each.found, name)), getattr(each.found.confidence, name))
            for each in judged
            if name in each.message.fields
        ]
        if pairs:
            yield ""
            yield from _field(name, labels, pairs)
    ruled = [(each.message.risks, {str(risk.name) for risk in each.found.risks}) for each in judged]
    if rows := list(_risks([(true, found) for true, found in ruled if true is not None])):
        yield ""
        yield from _right_aligned(("risk", "true", "found", "precision", "recall"), rows)
    yield from _worst(judged)


def _field(name: str, labels: Sequence[str], pairs: Sequence[tuple[str, str, float]]) -> Iterator[str]:
    right = sum(true == found for true, found, _ in pairs)
    scores = [
        score for label in labels if (score := f1((true == label, found == label) for true, found, _ in pairs))[1]
    ]
    macro = sum(score for score, _ in scores) / len(scores)
    yield f"{name}: accuracy {right / len(pairs):.1%}, macro-F1 {macro:.1%} of {len(pairs)} labelled"
    counts = Counter((true, found) for true, found, _ in pairs)
    met = [label for label in labels if any(label in pair for pair in counts)]
    rows = [(true, *(str(counts[true, found] or "·") for found in met)) for true in met]
    yield from ("  " + line for line in _right_aligned((f"{name}: true, found", *met), rows))
    yield from ("  " + line for line in _calibration(pairs))


def f1(pairs: Iterable[tuple[bool, bool]]) -> tuple[float, int]:
    """F1 of (true, found) pairs, and how many are true."""
    counts = Counter(pairs)
    both, true, found = (
        counts[True, True],
        counts[True, True] + counts[True, False],
        counts[True, True] + counts[False, True],
    )
    return (2 * both / (true + found) if both else 0.0), true


def _calibration(pairs: Sequence[tuple[str, str, float]]) -> Iterator[str]:
    """In bins of equal width how sure it was and how often right; their mean distance is the expected error."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for true, found, sure in pairs:
        bins.setdefault(min(int(sure * BINS), BINS - 1), []).append((sure, true == found))
    rows, error = [], 0.0
    for _, members in sorted(bins.items()):
        sure = sum(each for each, _ in members) / len(members)
        right = sum(hit for _, hit in members) / len(members)
        error += abs(sure - right) * len(members) / len(pairs)
        rows.append((f"{sure:.2f}", f"{right:.2f}", str(len(members))))
    yield f"calibration: off by {error:.3f} on average"
    yield from _right_aligned(("sure", "right", "messages"), rows)


def _risks(pairs: Sequence[tuple[frozenset[str], set[str]]]) -> Iterator[tuple[str, ...]]:
    for name in map(str, RiskName):
        true = sum(name in given for given, _ in pairs)
        found = sum(name in raised for _, raised in pairs)
        both = sum(name in given and name in raised for given, raised in pairs)
        if true or found:
            yield name, str(true), str(found), _share(both, found), _share(both, true)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _worst(judged: Sequence[Judged]) -> Iterator[str]:
    """The mistakes of which the judge was surest; a missed or false risk before all others."""
    mistakes = [mistake for each in judged for mistake in _mistakes(each)]
    for sure, sentence, each in sorted(mistakes, key=_surest)[:WORST]:
        yield ""
        yield f"{sentence} ({sure:.2f})" if sure <= 1 else sentence
        yield f"  {fit(each.message.text, _SHOWN)}"
        yield from (f"  because {reason}" for reason in each.found.reasons)


def _surest(mistake: tuple[float, str, Judged]) -> float:
    return -mistake[0]


_RISK_FIRST = 2.0


def _mistakes(each: Judged) -> Iterator[tuple[float, str, Judged]]:
    if each.message.risks is not None:
        raised = {str(risk.name) for risk in each.found.risks}
        for name in sorted(each.message.risks - raised):
            yield _RISK_FIRST, f"missed {name}", each
        for name in sorted(raised - each.message.risks):
            yield _RISK_FIRST, f"false alarm: {name}", each
    for name, true in each.message.fields.items():
        found = getattr(each.found, name)
        if found != true:
            yield getattr(each.found.confidence, name), f"{name} is {true}, found {found}", each


def _right_aligned(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table with its figures under one another; the first column is text."""
    lines = [tuple(headers), *map(tuple, rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(headers))]
    for first, *others in lines:
        cells = (" " * (columns - width(cell)) + cell for cell, columns in zip(others, widths[1:], strict=True))
        yield "  ".join((pad(first, widths[0]), *cells)).rstrip()
