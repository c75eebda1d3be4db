"""What is sent, the pydantic models and the JSON Schemas in the repository say the same, in both directions."""

from __future__ import annotations

import copy
import json
import runpy
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from heed import contracts
from heed.announcing import digests, escalation, escalations, notice, notices
from heed.model import Case, Effect, EffectKind
from tests.unit.announcing.told import POLICY, QUOTING, REASONS, URL, cases, escalated, notable, relaxed

NAMES = list(contracts.CONTRACTS)
VALIDATORS = {
    name: Draft202012Validator(json.loads((contracts.SCHEMAS / f"{name}.json").read_text(encoding="utf-8")))
    for name in NAMES
}


def accepted(name: str, document: Any) -> tuple[bool, bool]:
    """Whether the model and the schema file take the document."""
    try:
        contracts.CONTRACTS[name].model_validate_json(json.dumps(document))
        by_model = True
    except ValidationError:
        by_model = False
    return by_model, VALIDATORS[name].is_valid(document)


def examples(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = VALIDATORS[name].schema["examples"]  # type: ignore[index]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_file_is_the_one_the_models_make(name: str) -> None:
    file = contracts.SCHEMAS / f"{name}.json"
    assert file.read_text(encoding="utf-8") == contracts.schema(name), "run python -m heed.contracts"


def test_every_schema_file_has_a_model() -> None:
    assert {file.name for file in contracts.SCHEMAS.iterdir()} == {f"{name}.json" for name in NAMES}


def test_the_module_writes_every_schema_when_run(monkeypatch: pytest.MonkeyPatch) -> None:
    written: dict[Path, str] = {}
    monkeypatch.setattr(Path, "write_text", lambda file, text, encoding: written.update({file: text}))
    runpy.run_path(contracts.__file__, run_name="__main__")
    assert written == {contracts.SCHEMAS / f"{name}.json": contracts.schema(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_file_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(VALIDATORS[name].schema)


def test_the_composers_name_the_contracts_they_follow() -> None:
    assert [escalations.SCHEMA, notices.SCHEMA, digests.SCHEMA] == NAMES


@pytest.mark.parametrize(("name", "example"), [(name, example) for name in NAMES for example in examples(name)])
def test_every_example_is_accepted(name: str, example: dict[str, Any]) -> None:
    assert accepted(name, example) == (True, True)


@relaxed
@given(
    about=cases(),
    reasons=st.lists(st.sampled_from(REASONS), min_size=1, unique=True),
    policy=st.sampled_from([POLICY, QUOTING]),
    excerpt=st.none() | st.text(),
)
def test_every_escalation_follows_its_contract(
    about: Case, reasons: list[str], policy: Any, excerpt: str | None
) -> None:
    sent = escalation(about, escalated(about, *reasons), policy, URL, excerpt)
    assert accepted("heed.escalation.v1", json.loads(sent.body)) == (True, True)


@relaxed
@given(found=notable())
def test_every_notice_follows_its_contract(found: tuple[Case, Effect, datetime]) -> None:
    about, what, now = found
    sent = notice(about, what, POLICY, now, URL)
    assert sent is not None
    assert accepted("heed.notice.v1", json.loads(sent.body)) == (True, True)


def test_every_kind_of_notice_is_in_the_contract() -> None:
    kinds = VALIDATORS["heed.notice.v1"].schema["properties"]["kind"]["enum"]  # type: ignore[index]
    assert set(kinds) == set(EffectKind) - {EffectKind.ESCALATION, EffectKind.DIGEST}


def spoilt(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with one thing wrong, at every place: a field missing, one too many, one of another type."""
    if isinstance(document, list):
        for index, item in enumerate(document):
            for where, wrong in spoilt(item):
                yield f"[{index}]{where}", [*document[:index], wrong, *document[index + 1 :]]
        return
    if not isinstance(document, dict):
        return
    yield ".surprise", document | {"surprise": 1}
    for field, value in document.items():
        yield f".{field} missing", {name: item for name, item in document.items() if name != field}
        for wrong in ({}, True, "", "nonsense" if value is not None else 7):
            yield f".{field} = {wrong!r}", document | {field: copy.deepcopy(wrong)}
        for where, inner in spoilt(value):
            yield f".{field}{where}", document | {field: inner}


@pytest.mark.parametrize("name", NAMES)
def test_model_and_schema_refuse_the_same_and_every_field_is_guarded(name: str) -> None:
    [example, *_] = examples(name)
    wrong = dict(spoilt(example))
    verdicts = {where: accepted(name, document) for where, document in wrong.items()}
    assert {where for where, (model, file) in verdicts.items() if model is not file} == set()
    passed = {where for where, verdict in verdicts.items() if verdict == (True, True)}
    # What came after the first release is optional.
    later = {".level missing", ".recipient missing"} if name == "heed.notice.v1" else set()
    assert all("'nonsense" in where for where in passed - later), passed
