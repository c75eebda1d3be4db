"""How good language detection is on dev: `python -m infra.judge.language_figures DATA`. `restricted/` is not read."""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter

from heed.judge import language
from heed.judge.text import read
from infra.judge.language import CORE
from infra.judge.language_data import SAME, Row, chinese_rows, dev_rows, mixed_dev_rows

Answer = tuple[str, str, float]
"""The row's language, the answer, its confidence."""

_PARTS = {"all": "", "sentences": "lingua_sentence", "word pairs": "lingua_wordpair", "tweets": "umsab"}


def report(data_dir: Path) -> str:
    """The whole table, as text."""
    return "\n".join(_lines(data_dir))


def _lines(data_dir: Path) -> Iterator[str]:
    rows = dev_rows(data_dir)
    core = [row for row in rows if row.code in CORE]
    answers = {name: _answers(core, part) for name, part in _PARTS.items()}
    by_part = {
        name: f1(found, [code for code in CORE if any(code == gold for gold, *_ in found)])
        for name, found in answers.items()
    }
    yield f"macro-F1 over the {len(CORE)} languages, rows in them: " + _means(by_part)
    told = sorted({SAME.get(row.code, row.code) for row in rows} & _codes())
    whole = f1(_answers(rows, ""), told)
    yield f"the same, rows in all {len({row.code for row in rows})} languages of the data: {_mean(whole, CORE):.2f}"
    yield f"all {len(told)} languages that are told apart, all rows: {_mean(whole, told):.2f}"
    yield f"calibration error of the {len(core)} rows: {calibration_error(answers['all']):.3f}"
    for code in CORE:
        found = [f"{name} {figures[code]:.1f}" for name, figures in by_part.items() if code in figures]
        yield f"  {code}  " + "  ".join(found)
    yield "others: " + " ".join(f"{code} {whole[code]:.0f}" for code in told if code not in CORE)
    confused = Counter((gold, answer) for gold, answer, _ in answers["all"] if gold != answer)
    yield "confused: " + ", ".join(f"{gold} as {answer} {count}" for (gold, answer), count in confused.most_common(15))
    mixed = Counter(answer for _, answer, _ in _answers(mixed_dev_rows(data_dir), ""))
    yield f"tweets from India (Hindi and English in Latin letters): {dict(mixed.most_common(4))}"
    yield from _script_lines(data_dir)
    size = Path(language.TABLE).stat().st_size
    yield f"median for 90 to 110 characters: {_microseconds(core):.1f} us; table: {size} bytes"


def _codes() -> set[str]:
    shared = {code for group in language.table().groups.values() for code in group.codes}
    return (shared | set(language._BLOCKS) | {"zh", "ja"}) - {language.UNKNOWN}


def _answers(rows: list[Row], part: str) -> list[Answer]:
    return [
        (SAME.get(row.code, row.code), *language.detect(read(row.text).plain)) for row in rows if part in row.source
    ]


def f1(answers: list[Answer], codes: list[str]) -> dict[str, float]:
    """F1 in per cent of every code."""
    right = Counter(gold for gold, answer, _ in answers if gold == answer)
    seen = Counter(gold for gold, *_ in answers) + Counter(answer for _, answer, _ in answers)
    return {code: 200 * right[code] / max(1, seen[code]) for code in codes}


def calibration_error(answers: list[Answer], bins: int = 10) -> float:
    """Expected calibration error: how far confidence is from the share of right answers, over equal bins."""
    sums = [[0.0, 0.0] for _ in range(bins)]
    for gold, answer, sure in answers:
        found = sums[min(bins - 1, int(sure * bins))]
        found[0] += sure
        found[1] += gold == answer
    return sum(abs(sure - right) for sure, right in sums) / len(answers)


def _script_lines(data_dir: Path) -> Iterator[str]:
    """Simplified messages and their conversion by OpenCC, an implementation of its own."""
    from opencc import OpenCC

    texts = [row.text for row in chinese_rows(data_dir)]
    for config, wanted in (("t2s", "Hans"), ("s2t", "Hant"), ("s2twp", "Hant"), ("s2hk", "Hant")):
        convert: Callable[[str], str] = OpenCC(config).convert
        told = Counter(language.script(convert(text)) for text in texts)
        yield f"script after {config}: {wanted} {100 * told[wanted] / len(texts):.2f} %, of {len(texts)}: {dict(told)}"


def _microseconds(rows: list[Row]) -> float:
    texts = [plain for row in rows if 90 <= len(plain := read(row.text).plain) <= 110]
    times = []
    for text in texts * 5:
        start = perf_counter()
        language.detect(text)
        times.append(perf_counter() - start)
    return statistics.median(times) * 1e6


def _means(by_part: dict[str, dict[str, float]]) -> str:
    return ", ".join(f"{name} {_mean(found, list(found)):.2f}" for name, found in by_part.items())


def _mean(found: dict[str, float], codes: Iterable[str]) -> float:
    return statistics.fmean(found[code] for code in codes)


if __name__ == "__main__":
    print(report(Path(sys.argv[1])))
