"""The table of weights, and adding its rows up."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heed.judge import weights
from heed.judge.ngrams import PRIME
from heed.judge.weights import FILE, HEADER, MARK, MODEL, WAYS, Weights, load

LAYER = Path(__file__).parents[3] / "layers" / "heed"
COLUMNS, SETS = 6, 50
MOST_BYTES = 6_600_000


def file_of(sets=SETS, columns=COLUMNS, seed=1, mark=MARK, model=MODEL):
    """A weights file of random bytes, and its parts as arrays."""
    rng = np.random.default_rng(seed)
    scales, biases = rng.uniform(0.001, 0.1, columns), rng.normal(size=columns)
    tags = np.stack([rng.permutation(256)[:WAYS] for _ in range(sets)]).astype(np.uint8)
    rows = rng.integers(0, 256, (sets, WAYS, columns), dtype=np.uint8)
    header = HEADER.pack(mark, sets, columns, model.encode())
    data = header + scales.tobytes() + biases.tobytes() + tags.tobytes() + rows.tobytes()
    return data, (scales, biases, tags, rows)


def reference(parts, numbers):
    """The same scores in NumPy, the plain way."""
    scales, biases, tags, rows = parts
    total = np.zeros(len(scales), np.int64)
    for number in numbers:
        place, tag = number % len(tags), number // len(tags)
        for way in np.flatnonzero(tags[place] == tag)[:1]:
            total += rows[place, way].astype(np.int64) - 128
    return total * (1 / np.sqrt(max(1, len(numbers)))) * scales + biases


def scores(table, heard):
    return table.scores(heard, table.sums(heard))


DATA, PARTS = file_of()
TABLE = Weights(DATA)


@settings(max_examples=200)
@given(st.sets(st.integers(0, SETS * 256 - 1), max_size=1500))
def test_scores_are_exactly_those_of_numpy(numbers):
    assert scores(TABLE, TABLE.hear(numbers)) == reference(PARTS, numbers).tolist()


def test_what_is_remembered_and_forgotten_changes_no_answer(monkeypatch):
    monkeypatch.setattr(weights, "REMEMBERED", 20)
    table = Weights(DATA)
    rng = np.random.default_rng(3)
    messages = [set(rng.integers(0, SETS * 256, 15).tolist()) for _ in range(10)]
    for numbers in messages * 2 + [one for one in messages for _ in range(3)]:
        fresh = Weights(DATA).hear(numbers)
        assert vars(table.hear(numbers)) == vars(fresh)
        assert scores(table, fresh) == reference(PARTS, numbers).tolist()


def test_the_weights_that_ship_score_exactly_as_numpy_does():
    data = FILE.read_bytes()
    table = load()
    numbers = HEADER.size + 16 * table.columns
    scales, biases = np.frombuffer(data, np.float64, 2 * table.columns, HEADER.size).reshape(2, -1)
    tags = np.frombuffer(data, np.uint8, table.sets * WAYS, numbers).reshape(-1, WAYS)
    rows = np.frombuffer(data, np.uint8, -1, numbers + tags.size).reshape(-1, WAYS, table.columns)
    rng = np.random.default_rng(2)
    for size in (1, 10, 100, 300, 2000):
        some = set(rng.integers(0, PRIME, size).tolist())
        assert scores(table, table.hear(some)) == reference((scales, biases, tags, rows), some).tolist()


def test_a_row_of_the_greatest_weights_a_thousand_times_does_not_overflow():
    data, parts = file_of(sets=1000)
    rows = parts[3]
    full = data[: -rows.size] + b"\xff" * rows.size
    numbers = {int(tag) * 1000 + place for place, tags in enumerate(parts[2]) for tag in tags[:1]}
    table = Weights(full)
    expected = 127 * 1000 / np.sqrt(1000) * parts[0] + parts[1]
    assert np.allclose(scores(table, table.hear(numbers)), expected, rtol=1e-12)


def test_what_the_table_does_not_know_says_nothing():
    tags = PARTS[2]
    unknown = {tag * SETS for tag in range(256) if tag not in tags[0]}
    heard = TABLE.hear(unknown)
    assert heard.known == []
    assert scores(TABLE, heard) == PARTS[1].tolist()


def test_each_known_n_gram_keeps_its_column():
    number = int(PARTS[2][3, 1]) * SETS + 3
    assert [TABLE.hear({number}).column(c)[0] for c in range(COLUMNS)] == PARTS[3][3, 1].tolist()


@pytest.mark.parametrize(
    "data",
    [DATA[:-1], DATA + b"\0", file_of(mark=b"another.")[0], file_of(model="ngrams-0")[0]],
    ids=["cut", "longer", "another file", "another model"],
)
def test_another_file_is_refused(data):
    with pytest.raises(ValueError, match="not a weights file"):
        Weights(data)


def test_the_file_keeps_within_its_share_of_eight_megabytes():
    assert FILE.stat().st_size <= MOST_BYTES
    assert load().sets * 256 >= PRIME, "tags would not fit a byte"


def test_the_weights_need_no_third_party_module():
    code = "import sys; from heed.judge import opinions as o; o.table(); print(*({'numpy', 'pickle'} & {*sys.modules}))"
    ran = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(LAYER)}, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "\n"


def test_a_model_is_named_in_one_word():
    assert re.fullmatch(r"[a-z]+-\d+", weights.MODEL)
