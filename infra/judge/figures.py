"""`python -m infra.judge.figures DATA`: measures the weights that ship, for the model card, and draws its pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from heed.judge import opinions
from heed.judge import text as texts
from infra.judge import data, measure
from infra.judge.data import LABELS, YES, Row
from infra.judge.measure import Figure, Numbers
from infra.judge.train import HEADS

PICTURES = Path(__file__).parent / "pictures"
FEWEST = 40
"""Rows that a language must have for a bar of its own."""

_SIDE, _MARGIN, _BAR = 280, 42, 15


def heard(rows: Sequence[Row]) -> Numbers:
    """The log-odds of every label, by the engine itself."""
    return np.array([opinions.listen(texts.read(row.text))[1] for row in rows])


def report(folder: Path) -> Iterator[str]:
    """The figures, line by line; draws the pictures on the way."""
    dev = list(data.corpus(folder, "dev", data.CLASSES))
    bins, by_language = {}, {}
    for head in HEADS:
        rows = [row for row in dev if row.head == head]
        scores = heard(rows)
        by_source = measure.f1_by(rows, scores, head, lambda row: row.source)
        yield f"\n{head}: mean macro-F1 {measure.mean(by_source):.1f} over {len(by_source)} sources"
        yield from _table(by_source)
        if head in ("kind", "sentiment"):
            bins[head] = measure.reliability(rows, scores, head)
            yield f"expected calibration error {measure.calibration_error(bins[head]):.3f}"
        if head == "sentiment":
            by_language = measure.f1_by(rows, scores, head, lambda row: row.language)
            yield from _table(by_language)
    gold = [row for row in data.corpus(folder, "train", ("restricted",)) if row.source == "jddc_gold"]
    yield from _accuracies(gold, "jddc_gold")
    for set_aside in (False, True):
        yield from _accuracies(list(data.as_rows(data.own(set_aside))), "set aside" if set_aside else "trained on")
    ordinary = [row for row in dev if row.head in ("kind", "sentiment")]
    scores = heard(ordinary)
    yield from (f"{head}: raised by the head alone on {measure.flagged(scores, head):.2f} %" for head in YES)
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "reliability.svg").write_text(_reliability(bins), encoding="utf-8")
    (PICTURES / "languages.svg").write_text(_bars(by_language), encoding="utf-8")


def _table(figures: dict[str, Figure]) -> Iterator[str]:
    yield from (f"  {name:22} {figure.score:5.1f}  n={figure.rows}" for name, figure in figures.items())


def _accuracies(rows: list[Row], name: str) -> Iterator[str]:
    for language in sorted({row.language for row in rows}):
        for head in LABELS:
            some = [row for row in rows if row.head == head and row.language == language]
            if some:
                found = measure.accuracy(some, heard(some), head)
                shares = f"{found['all']:.1f} %, surer half {found['surer half']:.1f} %"
                yield f"{name} {language} {head}: {shares}, n={len(some)}"


def _svg(width: int, height: int, parts: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _reliability(heads: dict[str, list[tuple[float, float, int]]]) -> str:
    """Confidence across, the share of right answers up; a dot's area is its share of the rows."""
    parts = []
    for number, (head, bins) in enumerate(heads.items()):
        left, top = _MARGIN + number * (_SIDE + _MARGIN), 24
        rows = sum(count for _, _, count in bins)
        parts.append(f'<text x="{left}" y="16">{head}: right answers by confidence</text>')
        parts.append(f'<rect x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#bbb"/>')
        parts.append(f'<path d="M{left} {top + _SIDE}L{left + _SIDE} {top}" stroke="#bbb"/>')
        for sure, right, count in bins:
            x, y = left + _SIDE * sure, top + _SIDE * (1 - right)
            radius = 3 + 22 * (count / rows) ** 0.5
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#2a6fb0" fill-opacity=".6"/>')
        for share in (0, 0.5, 1):
            parts.append(f'<text x="{left + _SIDE * share - 8:.0f}" y="{top + _SIDE + 14}">{share:.1f}</text>')
            parts.append(f'<text x="{left - 22}" y="{top + _SIDE * (1 - share) + 4:.0f}">{share:.1f}</text>')
    return _svg(_MARGIN + len(heads) * (_SIDE + _MARGIN), _SIDE + 48, parts)


def _bars(figures: dict[str, Figure]) -> str:
    """Macro-F1 of sentiment by language."""
    shown = sorted(((f.score, name) for name, f in figures.items() if f.rows >= FEWEST), reverse=True)
    parts = ['<text x="8" y="16">sentiment on dev: macro-F1 by language</text>']
    for number, (score, name) in enumerate(shown):
        y = 28 + number * (_BAR + 5)
        parts.append(f'<text x="8" y="{y + 11}">{name}</text>')
        parts.append(f'<rect x="34" y="{y}" width="{score * 3:.0f}" height="{_BAR}" fill="#2a6fb0"/>')
        parts.append(f'<text x="{40 + score * 3:.0f}" y="{y + 11}">{score:.1f}</text>')
    return _svg(380, 36 + len(shown) * (_BAR + 5), parts)


if __name__ == "__main__":
    for line in report(Path(sys.argv[1])):
        print(line, flush=True)
