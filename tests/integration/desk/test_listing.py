from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from heed.model import Case, Status
from heed.rim.store import Change, Found, Table
from tests.integration.desk.conftest import P1, P2, P3, Caller, Opened, token

SEEN = ["care-cn", "care-global", "safety"]


def ids(answer: object) -> list[str]:
    return [case["id"] for case in answer.json["cases"]]  # type: ignore[attr-defined]


def test_the_soonest_deadline_comes_first(desk: Caller, opened: Opened) -> None:
    late, soonest, middle = opened(P1, 1), opened(P1, 9), opened(P1, 5)
    assert ids(desk("GET", "/cases?team=safety")) == [soonest.id, middle.id, late.id]


def test_a_list_shows_open_cases_unless_another_status_is_asked_for(desk: Caller, opened: Opened) -> None:
    still_open, resolved = opened(P1), opened(P1)
    desk("POST", f"/cases/{resolved.id}/resolve")
    assert ids(desk("GET", "/cases?team=safety")) == [still_open.id]
    assert ids(desk("GET", "/cases?team=safety&status=resolved")) == [resolved.id]


def test_a_list_holds_one_teams_cases(desk: Caller, opened: Opened) -> None:
    safety, care = opened(P1), opened(P3)
    assert ids(desk("GET", "/cases?team=safety")) == [safety.id]
    assert ids(desk("GET", "/cases?team=care-global")) == [care.id]


@pytest.mark.parametrize("query", ["", "?team=nobody", "?status=on_hold"])
def test_a_list_without_a_known_team_says_which_there_are(query: str, desk: Caller) -> None:
    answer = desk("GET", f"/cases{query}")
    assert (answer.status, answer.code) == (400, "unknown_team")
    assert answer.json["error"]["message"] == "Name one team: care-cn, care-global, safety."


def test_cases_of_a_team_that_the_policy_has_dropped_are_still_found(
    desk: Caller, opened: Opened, table: Table
) -> None:
    case = opened(P1)
    moved = _moved(case, "gone")
    table.save(Change(case, moved))
    assert ids(desk("GET", "/cases?team=gone")) == [case.id]


def _moved(case: Case, team: str) -> Case:
    return replace(case, team=team, version=case.version + 1)


def test_a_list_is_paged_to_its_end_without_a_gap_or_a_repetition(desk: Caller, opened: Opened) -> None:
    expected = [opened(P1, minutes).id for minutes in (9, 8, 7, 6, 5)]
    found, address = [], "/cases?team=safety&limit=2"
    sizes = []
    token_ = ""
    while True:
        answer = desk("GET", address + token_)
        found += ids(answer)
        sizes.append(len(answer.json["cases"]))
        if "next" not in answer.json:
            break
        token_ = f"&next={answer.json['next']}"
    assert found == expected
    assert sizes == [2, 2, 1]


def test_a_list_that_fills_its_last_page_may_end_with_an_empty_one_and_no_other(desk: Caller, opened: Opened) -> None:
    opened(P1), opened(P1)
    first = desk("GET", "/cases?team=safety&limit=2")
    assert len(first.json["cases"]) == 2
    if "next" in first.json:
        assert desk("GET", f"/cases?team=safety&limit=2&next={first.json['next']}").json == {"cases": []}


def test_priorities_can_be_chosen_and_paged(desk: Caller, opened: Opened) -> None:
    expected = []
    for minutes in (9, 7, 5):
        expected.append(opened(P2, minutes).id)
        opened(P3, minutes - 1)
    first = desk("GET", "/cases?team=care-global&priority=P2&limit=2")
    rest = desk("GET", f"/cases?team=care-global&priority=P2&limit=2&next={first.json['next']}")
    assert (ids(first), ids(rest)) == (expected[:2], expected[2:])
    assert "next" not in rest.json
    assert len(desk("GET", "/cases?team=care-global&priority=P2,P3").json["cases"]) == 6
    assert desk("GET", "/cases?team=care-global&priority=P1").json == {"cases": []}


def test_a_chosen_list_ends_with_its_last_case(desk: Caller, opened: Opened) -> None:
    opened(P2, 2), opened(P2, 1)
    answer = desk("GET", "/cases?team=care-global&priority=P2&limit=2")
    assert len(answer.json["cases"]) == 2
    assert "next" not in answer.json


def test_a_case_that_has_left_since_the_index_was_written_is_not_shown(
    desk: Caller, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, gone = opened(P1), opened(P1)
    load_many = Table.load_many

    def later(table: Table, keys: object) -> Found:
        found = load_many(table, keys).cases  # type: ignore[arg-type]
        moved = {key: _moved(case, "care-cn") if case.id == gone.id else case for key, case in found.items()}
        return Found(moved, frozenset())

    monkeypatch.setattr(Table, "load_many", later)
    assert ids(desk("GET", "/cases?team=safety")) == [here.id]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "status=closed", "priority=P9", "page=2"])
def test_an_unknown_or_impossible_query_is_refused(query: str, desk: Caller) -> None:
    answer = desk("GET", f"/cases?team=safety&{query}")
    assert (answer.status, answer.code) == (400, "invalid_query")


@pytest.mark.parametrize("limit", [1, 25, 100])
def test_a_page_costs_one_query_and_one_batch(limit: int, desk: Caller, opened: Opened, calls: list[str]) -> None:
    for minutes in range(4):
        opened(P1, minutes)
    desk("GET", f"/cases?team=safety&limit={limit}")
    assert calls == ["Query", "BatchGetItem"]


def test_a_page_costs_the_same_where_most_cases_are_left_out(desk: Caller, opened: Opened, calls: list[str]) -> None:
    for minutes in range(1, 4):
        opened(P3, minutes)
    opened(P2)
    desk("GET", "/cases?team=care-global&priority=P2&limit=1")
    assert calls == ["Query", "BatchGetItem"]


def next_of(desk: Caller, opened: Opened) -> str:
    opened(P1, 2), opened(P1, 1)
    value: str = desk("GET", "/cases?team=safety&limit=1").json["next"]
    return value


@pytest.mark.parametrize("query", ["team=care-cn", "team=safety&status=resolved"])
def test_a_next_page_belongs_to_its_own_list(query: str, desk: Caller, opened: Opened) -> None:
    answer = desk("GET", f"/cases?{query}&next={next_of(desk, opened)}")
    assert (answer.status, answer.code) == (400, "invalid_next")


def forged(place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


REAL = {"desk": "safety#open", "deadline": "9999", "case": "0" * 32}


@pytest.mark.parametrize(
    "place",
    [
        [],
        "x",
        {},
        {**REAL, "desk": "care-cn#open"},
        {**REAL, "deadline": "soon"},
        {**REAL, "case": "ID#7K3Q-9MXA"},
        {**REAL, "case": {"S": "0" * 32}},
        {**REAL, "sk": "CASE"},
    ],
)
def test_a_tampered_next_page_is_refused(place: object, desk: Caller, opened: Opened) -> None:
    opened(P1)
    answer = desk("GET", f"/cases?team=safety&next={forged(place)}")
    assert (answer.status, answer.code) == (400, "invalid_next")
    assert desk("GET", f"/cases?team=safety&next={forged(REAL)}").status == 200


@pytest.mark.parametrize("value", ["%00", "%F0%9F%8D%8E", "a", "=", "AAAA", "a" * 501])
def test_what_is_no_token_at_all_is_refused(value: str, desk: Caller) -> None:
    assert desk("GET", f"/cases?team=safety&next={value}").status == 400


def test_a_forged_place_opens_no_other_teams_list(desk: Caller, opened: Opened) -> None:
    opened(P1)
    place = forged({**REAL, "desk": "care-cn#open"})
    answer = desk("GET", f"/cases?team=care-cn&next={place}", by=token("care-cn"))
    assert answer.json == {"cases": []}
    assert desk("GET", f"/cases?team=safety&next={place}", by=token("care-cn")).status == 403


def test_a_listed_case_is_the_one_that_is_read(desk: Caller, opened: Opened) -> None:
    case = opened(P1)
    (listed,) = desk("GET", "/cases?team=safety").json["cases"]
    read = desk("GET", f"/cases/{case.id}").json["case"]
    for clock in (*listed["clocks"], *read["clocks"]):
        del clock["left_seconds"]
    assert listed == read
    assert listed["status"] == Status.OPEN
