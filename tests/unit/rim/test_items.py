"""A case as the table holds it."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from heed import cases, codec
from heed.model import Case
from heed.rim import items
from heed.rim.items import Undecodable
from tests.unit.builders import a_message, a_policy, an_assessment, at

KEEP = timedelta(days=30)


@pytest.fixture
def case() -> Case:
    """A conversation of six messages, as long as most that are ever answered."""
    policy, found = a_policy(), None
    for minute in range(6):
        heard = a_message(f"Where is it? {minute}", at(f"10:0{minute}"), id=f"m-{minute}")
        found = cases.receive(found, heard, an_assessment(), policy, at(f"10:0{minute}"))
    assert found is not None
    return found


def test_a_case_reads_back_as_it_was(case: Case) -> None:
    assert items.read_case(items.case_item(None, case, KEEP)) == case


def test_in_an_event_of_the_stream_its_bytes_are_base64(case: Case) -> None:
    image: dict[str, Any] = items.case_item(None, case, KEEP)
    image["case"] = {"B": base64.b64encode(image["case"]["B"]).decode()}
    assert items.from_stream(image)[0] == case


def test_a_case_written_before_cases_were_packed_is_read(case: Case) -> None:
    assert items.read_case({**items.case_item(None, case, KEEP), "case": {"S": codec.dumps(case)}}) == case


def test_packed_it_weighs_less_than_half(case: Case) -> None:
    assert 2 * len(items.case_item(None, case, KEEP)["case"]["B"]) < len(codec.dumps(case).encode())


@pytest.mark.parametrize("damaged", [{"B": b""}, {"B": b"{}"}, {"B": "x"}, {"B": "é"}, {"N": "1"}, {}])
def test_what_cannot_be_unpacked_is_undecodable(damaged: Any, case: Case) -> None:
    with pytest.raises(Undecodable, match="case: "):
        items.read_case({**items.case_item(None, case, KEEP), "case": damaged})
