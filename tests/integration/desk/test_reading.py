from __future__ import annotations

import pytest

from heed.rim import desk as desk_module
from tests.integration.desk.conftest import P1, P2, P3, Caller, Opened


def test_a_case_is_read_with_its_promises_and_its_whole_timeline(desk: Caller, opened: Opened) -> None:
    case = opened(P1, minutes_ago=4)
    found = desk("GET", f"/cases/{case.id}").json
    assert found["case"]["risks"] == ["safety"]
    assert found["case"]["why"][0] == {"code": "priority:P1", "text": "工单优先级为 P1。"}
    first, resolution = found["case"]["clocks"]
    assert (first["metric"], resolution["metric"]) == ("first_response", "resolution")
    assert first["left_seconds"] == pytest.approx(11 * 60, abs=5)
    assert first["overdue_seconds"] == 0
    message, escalated = found["timeline"]
    assert (message["type"], message["text"], message["author"]) == ("message", P1, "customer")
    assert message["assessment"]["risks"][0]["name"] == "safety"
    assert (escalated["type"], escalated["kind"], escalated["by"]) == ("entry", "escalated", "heed")
    assert "next" not in found


def test_a_case_comes_in_gzip_to_who_takes_it_and_says_the_same(desk: Caller, opened: Opened) -> None:
    address = f"/cases/{opened(P1, minutes_ago=4).id}"
    plain, packed = desk("GET", address), desk("GET", address, headers={"accept-encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json["timeline"] == plain.json["timeline"]
    assert packed.headers["etag"] == plain.headers["etag"]


def test_a_promise_that_ran_out_shows_how_late_it_is_before_anyone_marked_it(desk: Caller, opened: Opened) -> None:
    case = opened(P1, minutes_ago=20)
    first = desk("GET", f"/cases/{case.id}").json["case"]["clocks"][0]
    assert first["left_seconds"] == 0
    assert first["overdue_seconds"] == pytest.approx(5 * 60, abs=5)


def test_the_timeline_is_in_order_of_time(desk: Caller, opened: Opened) -> None:
    case = opened(P3, minutes_ago=5, conversation="thread")
    opened("Hello? Anybody?", minutes_ago=3, conversation="thread")
    desk("POST", f"/cases/{case.id}/note", {"text": "Looking"})
    desk("POST", f"/cases/{case.id}/reply", {"text": "It is on its way"}, headers={"idempotency-key": "k"})
    lines = desk("GET", f"/cases/{case.id}").json["timeline"]
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert [line["text"] for line in lines if line["text"]] == [P3, "Hello? Anybody?", "Looking", "It is on its way"]


@pytest.mark.parametrize(
    "written", [str.lower, lambda i: i.replace("-", ""), lambda i: i.replace("0", "O").replace("1", "l")]
)
def test_an_id_is_understood_as_people_write_it(written: object, desk: Caller, opened: Opened) -> None:
    case = opened()
    assert desk("GET", f"/cases/{written(case.id)}").json["case"]["id"] == case.id  # type: ignore[operator]


@pytest.mark.parametrize("name", ["ABCD-EFGH", "x", "7K3Q-9MX", "7K3Q9MXAA", "%00", "ID%237K3Q", "7K3Q-9MXU", "..", ""])
def test_what_is_no_case_is_not_found(name: str, desk: Caller) -> None:
    assert desk("GET", f"/cases/{name}").status == 404


def test_a_long_timeline_is_paged(desk: Caller, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "LINES_A_PAGE", 2)
    case = opened(P3, minutes_ago=9)
    for number in range(4):
        desk("POST", f"/cases/{case.id}/note", {"text": f"note {number}"})
    found, address, pages = [], f"/cases/{case.id}", 0
    while True:
        answer = desk("GET", address).json
        found += [line["text"] for line in answer["timeline"]]
        pages += 1
        if "next" not in answer:
            break
        address = f"/cases/{case.id}?next={answer['next']}"
    assert found == [P3, "note 0", "note 1", "note 2", "note 3"]
    assert pages == 3


def test_a_next_page_belongs_to_its_own_case(desk: Caller, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "LINES_A_PAGE", 1)
    one, other = opened(P1), opened(P1)
    following = desk("GET", f"/cases/{one.id}").json["next"]
    assert desk("GET", f"/cases/{one.id}?next={following}").status == 200
    answer = desk("GET", f"/cases/{other.id}?next={following}")
    assert (answer.status, answer.code) == (400, "invalid_next")


def test_reading_costs_three_calls(desk: Caller, opened: Opened, calls: list[str]) -> None:
    desk("GET", f"/cases/{opened(P2).id}")
    assert calls == ["GetItem", "GetItem", "Query"]


def test_the_etag_is_the_cases_version(desk: Caller, opened: Opened) -> None:
    answer = desk("GET", f"/cases/{opened().id}")
    assert answer.headers["etag"] == f'"{answer.json["case"]["version"]}"'
