"""The link of a notice, from announce that signs it to the page that shows and acknowledges its case."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest

from heed import cases, links, timeline
from heed.model import Author, Case, EntryKind, Message, Status, Surface
from heed.policy import Policy
from heed.rim import link_keys, page, runtime
from heed.rim.recording import record
from heed.rim.store import Change, Table
from tests.integration import faults
from tests.integration.conftest import Deployed, LoadFunction, StreamRecords, client

FIRE = "The heater exploded and burned my child"
NAME = "wamid.customer-1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Visitor:
    """`visit(token)` opens the page; `visit.press(token, name="Li Wei")` presses its button."""

    app: ModuleType
    context: SimpleNamespace

    def __call__(
        self, token: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        event = {
            "version": "2.0",
            "routeKey": f"{method} /case/{{token}}",
            "rawPath": f"/case/{token}",
            "rawQueryString": "",
            "headers": {"accept-language": "en"} if headers is None else headers,
            "requestContext": {"http": {"method": method, "path": f"/case/{token}"}, "requestId": "r1"},
            "pathParameters": {"token": token},
            "isBase64Encoded": body is not None,
            **({"body": base64.b64encode(body).decode()} if body is not None else {}),
        }
        given = self.app.handler(event, self.context)
        return Answer(given["statusCode"], given["headers"], given["body"])

    def press(self, token: str, name: str = "", **headers: str) -> Answer:
        """As a browser sends the form; `sec_fetch_site="cross-site"` changes a header."""
        sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        changed = {key.replace("_", "-"): value for key, value in headers.items()}
        return self(token, "POST", urlencode({"name": name}).encode(), {**sent, **changed})


@pytest.fixture
def visit(load_function: LoadFunction, context: SimpleNamespace) -> Visitor:
    return Visitor(load_function("page"), context)


@pytest.fixture
def late(table: Table, policy: Policy) -> Case:
    """A P1 case whose first response is five minutes late, as intake and expire wrote it."""
    now = runtime.now()
    at = now - timedelta(minutes=20)
    message = Message("webhook/web-form", "m1", NAME, NAME, Author.CUSTOMER, Surface.DIRECT, FIRE, at, at)
    case = record(table, policy, message, at)
    assert case is not None
    broken = cases.expire(case, now)
    table.save(Change(case, broken, timeline.entries(case, broken, timeline.SYSTEM, now)))
    return broken


@pytest.fixture
def key(stack: Deployed) -> bytes:
    found = client("secretsmanager").get_secret_value(SecretId=stack.attributes["LinkKey", "Id"])
    return str(found["SecretString"]).encode()


@pytest.fixture
def token(late: Case, key: bytes) -> str:
    return links.sign(late.id, datetime.now(UTC) + timedelta(hours=1), key)


@pytest.fixture
def told(
    load_function: LoadFunction,
    late: Case,
    stream_records: StreamRecords,
    notices: Callable[[], list[dict[str, Any]]],
    context: SimpleNamespace,
) -> SimpleNamespace:
    """`told.speak()`: what announce tells people on call of the late case; `told.app` is announce."""
    app = load_function("announce")

    def speak() -> dict[str, Any]:
        assert app.handler({"Records": stream_records()}, context) == {"batchItemFailures": []}
        (body,) = [json.loads(envelope["Message"]) for envelope in notices()]
        return body

    return SimpleNamespace(app=app, speak=speak)


def calls_of(app: ModuleType) -> list[str]:
    """The names of the calls to AWS that the page makes from now on."""
    made: list[str] = []
    for one in (app.PAGE.table._client, app._secrets()):
        one.meta.events.register("before-call.*.*", lambda model, **_: made.append(model.name))
    return made


# -- from the notice to the page


def test_the_link_of_a_notice_opens_the_page_of_its_case(told: SimpleNamespace, visit: Visitor, late: Case) -> None:
    link = told.speak()["link"]
    assert re.fullmatch(r"https://api\.example\.com/case/[0-9a-z]{34}", link)
    answer = visit(link.rsplit("/", 1)[1])
    assert answer.status == 200
    assert late.id in answer.body
    assert "First reply 5 min" in answer.body.replace("\N{NO-BREAK SPACE}", " ")


def test_a_link_lasts_as_long_as_the_parameter_says(told: SimpleNamespace, key: bytes) -> None:
    token, now = told.speak()["link"].rsplit("/", 1)[1], datetime.now(UTC)
    found = links.read(token, [key], now)
    assert found is not None
    assert abs(found.ends_at - now - timedelta(hours=24)) < timedelta(minutes=2)


@pytest.mark.parametrize("fault", [faults.unreachable, faults.refusing("AccessDeniedException"), faults.timed_out])
def test_a_notice_goes_out_with_the_plain_link_when_the_key_cannot_be_read(
    fault: Callable[..., Any], told: SimpleNamespace, late: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    with faults.failing(told.app._secrets(), "secrets-manager", "GetSecretValue", fault) as met:
        assert told.speak()["link"] == f"https://api.example.com/desk/cases/{late.id}"
    assert met
    assert '"PlainLinks":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_an_escalation_keeps_the_link_that_does_not_end(
    told: SimpleNamespace, late: Case, queues: dict[str, str], drain: Callable[[str], list[dict[str, Any]]]
) -> None:
    told.speak()
    (message,) = drain(queues["Escalations"])
    assert json.loads(message["Body"])["link"] == f"https://api.example.com/desk/cases/{late.id}"


# -- looking changes nothing, pressing does, once


def test_looking_changes_nothing_however_often(visit: Visitor, token: str, table: Table, late: Case) -> None:
    assert [visit(token).status for _ in range(3)] == [200] * 3
    assert table.load(late.key) == late


def test_a_press_acknowledges_and_leads_back_to_the_page(
    visit: Visitor, token: str, table: Table, late: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = visit.press(token, "Li Wei")
    assert (answer.status, answer.headers["location"], answer.body) == (303, token, "")
    case = table.load(late.key)
    assert case is not None
    assert case.acknowledged_by == "Li Wei (link)"
    assert "Acknowledged by Li Wei (link)" in visit(token).body
    _, entries = table.timeline(late.key)
    assert [entry.by for entry in entries if entry.kind is EntryKind.ACKNOWLEDGED] == ["Li Wei (link)"]
    assert "LinkAcknowledgements" in capsys.readouterr().out


def test_who_types_no_name_is_on_call(visit: Visitor, token: str, table: Table, late: Case) -> None:
    visit.press(token)
    assert table.load(late.key).acknowledged_by == "on call (link)"  # type: ignore[union-attr]


def test_a_second_press_changes_nothing_and_the_first_stays_on_record(
    visit: Visitor, token: str, table: Table, late: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    visit.press(token, "Li Wei")
    first = table.load(late.key)
    capsys.readouterr()
    assert visit.press(token, "Bob").status == 303
    assert table.load(late.key) == first
    assert "LinkAcknowledgements" not in capsys.readouterr().out


def test_a_press_on_a_resolved_case_changes_nothing_and_the_page_says_so(
    visit: Visitor, token: str, table: Table, late: Case
) -> None:
    resolved = cases.resolve(late, runtime.now())
    table.save(Change(late, resolved))
    assert visit.press(token).status == 303
    assert table.load(late.key) == resolved
    assert "Resolved. Nothing to do." in visit(token).body


def interrupted(visit: Visitor, table: Table, late: Case, change: Callable[[Case], Case], times: int) -> list[str]:
    """Let somebody else change the case just before each of the page's first writes."""
    page_client, met = visit.app.PAGE.table._client, []

    def rival(**_: Any) -> None:
        if len(met) < times:
            met.append("rival")
            before = table.load(late.key)
            assert before is not None
            table.save(Change(before, change(before)))

    page_client.meta.events.register("before-call.dynamodb.TransactWriteItems", rival)
    return met


def test_a_press_that_meets_another_change_is_repeated_on_the_case_as_it_is_then(
    visit: Visitor, token: str, table: Table, late: Case
) -> None:
    met = interrupted(visit, table, late, lambda case: cases.note(case, runtime.now()), times=2)
    assert visit.press(token, "Li Wei").status == 303
    case = table.load(late.key)
    assert case is not None
    assert (len(met), case.version, case.acknowledged_by) == (2, late.version + 3, "Li Wei (link)")


def test_a_resolve_at_the_same_moment_beats_the_press(visit: Visitor, token: str, table: Table, late: Case) -> None:
    interrupted(visit, table, late, lambda case: cases.resolve(case, runtime.now()), times=1)
    assert visit.press(token).status == 303
    case = table.load(late.key)
    assert case is not None
    assert (case.status, case.acknowledged_by) == (Status.RESOLVED, "")


def test_a_press_that_loses_every_race_asks_to_try_again(
    visit: Visitor, token: str, table: Table, late: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "stand_back", lambda attempt: None)
    interrupted(visit, table, late, lambda case: cases.note(case, runtime.now()), times=99)
    assert visit.press(token).status == 503
    assert table.load(late.key).acknowledged_by == ""  # type: ignore[union-attr]


# -- what is refused


def no_case(key: bytes, late: Case) -> str:
    return links.sign("0000-0000", datetime.now(UTC) + timedelta(hours=1), key)


def ended(key: bytes, late: Case) -> str:
    return links.sign(late.id, datetime.now(UTC) - timedelta(minutes=2), key)


def forged(key: bytes, late: Case) -> str:
    return links.sign(late.id, datetime.now(UTC) + timedelta(hours=1), b"x" * 64)


def nonsense(key: bytes, late: Case) -> str:
    return late.id


@pytest.mark.parametrize("make", [no_case, ended, forged, nonsense])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_opens_nothing_looks_the_same_whatever_the_reason(
    method: str, make: Callable[[bytes, Case], str], visit: Visitor, key: bytes, late: Case, table: Table
) -> None:
    token = make(key, late)
    answer = visit(token) if method == "GET" else visit.press(token)
    nothing = visit("0" * 34)
    assert (answer.status, answer.body, answer.headers) == (404, nothing.body, nothing.headers)
    assert 'lang="zh"' in answer.body
    assert table.load(late.key) == late


@pytest.mark.parametrize("make", [ended, forged, nonsense])
def test_a_link_of_a_strangers_costs_no_call_to_the_table(
    make: Callable[[bytes, Case], str], visit: Visitor, key: bytes, late: Case
) -> None:
    visit("0" * 34)
    calls = calls_of(visit.app)
    visit(make(key, late))
    assert calls == []


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"content_type": "text/plain"},
        {"content_type": "application/json"},
        {"content_type": ""},
    ],
)
def test_a_press_that_the_page_did_not_make_changes_nothing(
    headers: dict[str, str], visit: Visitor, token: str, table: Table, late: Case
) -> None:
    assert visit.press(token, **headers).status == 400
    assert table.load(late.key) == late


def test_a_press_with_a_body_over_the_limit_changes_nothing(
    visit: Visitor, token: str, table: Table, late: Case
) -> None:
    assert visit.press(token, "x" * 2_000).status == 400
    assert table.load(late.key) == late


def test_a_browser_that_says_nothing_of_where_a_press_comes_from_is_believed(visit: Visitor, token: str) -> None:
    assert visit(token, "POST", b"", {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}).status == 303


@pytest.mark.parametrize("body", [b"\xff\xfe%zz=&name", b"&".join(b"a=%d" % n for n in range(50)), b"name=%E2%80%AE+"])
def test_a_form_that_makes_no_sense_still_acknowledges_as_on_call(
    body: bytes, visit: Visitor, token: str, table: Table, late: Case
) -> None:
    assert visit(token, "POST", body, {"content-type": "application/x-www-form-urlencoded"}).status == 303
    assert table.load(late.key).acknowledged_by == "on call (link)"  # type: ignore[union-attr]


# -- what the page is like


@pytest.mark.parametrize(("accepted", "spoken"), [("zh-CN,zh;q=0.9", "zh"), ("en-US", "en"), ("", "zh"), ("fr", "zh")])
def test_the_page_speaks_the_readers_language_else_the_teams(
    accepted: str, spoken: str, visit: Visitor, token: str
) -> None:
    answer = visit(token, headers={"accept-language": accepted} if accepted else {})
    assert answer.headers["content-language"] == spoken
    assert f'<html lang="{spoken}">' in answer.body


def test_no_answer_holds_a_word_or_id_of_the_customer(
    visit: Visitor, token: str, late: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [visit(token), visit.press(token, "Li Wei"), visit(token), visit("0" * 34)]
    shown = "\n".join(f"{answer.headers} {answer.body}" for answer in answers) + capsys.readouterr().out
    assert [text for text in (FIRE, "exploded", NAME, late.key, late.customer) if text in shown] == []


def test_no_log_holds_a_link(visit: Visitor, token: str, capsys: pytest.CaptureFixture[str]) -> None:
    visit(token)
    visit.press(token)
    visit(token[:-1] + "0")
    assert token[14:] not in capsys.readouterr().out


@pytest.mark.parametrize("way", ["shown", "pressed", "gone"])
def test_every_answer_tells_the_browser_to_keep_run_frame_and_pass_on_nothing(
    way: str, visit: Visitor, token: str
) -> None:
    answer = {"shown": visit, "pressed": visit.press, "gone": lambda _: visit("x")}[way](token)
    assert (
        answer.headers.items()
        >= {
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "x-robots-tag": "noindex, nofollow",
            "content-type": "text/html; charset=utf-8",
        }.items()
    )
    rules = answer.headers["content-security-policy"].split("; ")
    assert rules[0] == "default-src 'none'"
    assert {"form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} < set(rules)


def test_the_button_that_opens_the_case_is_there_when_the_stack_knows_where(
    load_function: LoadFunction, stack: Deployed, context: SimpleNamespace, token: str, visit: Visitor, late: Case
) -> None:
    assert "<a " not in visit(token).body
    stack.refs["CaseUrl"] = "https://care.example.com/cases/"
    elsewhere = Visitor(load_function("page"), context)
    assert f'href="https://care.example.com/cases/{late.id}"' in elsewhere(token).body


# -- when AWS fails


@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems"])
def test_while_the_table_is_out_of_reach_the_page_asks_to_try_again(operation: str, visit: Visitor, token: str) -> None:
    with faults.failing(visit.app.PAGE.table._client, "dynamodb", operation, faults.unreachable):
        answer = visit.press(token)
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


def test_without_the_key_the_page_asks_to_try_again(
    visit: Visitor, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faults.failing(visit.app._secrets(), "secrets-manager", "GetSecretValue", faults.unreachable):
        assert visit(token).status == 503
    monkeypatch.setattr(link_keys, "REREAD_AFTER", timedelta())
    assert visit(token).status == 200


def test_a_changed_key_leaves_the_links_of_the_one_before_good(
    stack: Deployed, visit: Visitor, token: str, late: Case
) -> None:
    client("secretsmanager").put_secret_value(SecretId=stack.attributes["LinkKey", "Id"], SecretString="n" * 64)
    new = links.sign(late.id, datetime.now(UTC) + timedelta(hours=1), b"n" * 64)
    assert [visit(one).status for one in (token, new)] == [200, 200]


def test_a_bug_is_logged_by_its_place_and_shows_its_request_only(
    visit: Visitor, token: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def bug(_: str) -> None:
        raise KeyError(FIRE)

    broken = replace(visit.app.PAGE, table=SimpleNamespace(find=bug))
    monkeypatch.setattr(visit.app, "PAGE", broken)
    answer = visit(token)
    assert answer.status == 500
    assert visit.context.aws_request_id in answer.body
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["exception"] for line in lines if "exception" in line] == ["KeyError"]
    assert any("PageBugs" in line for line in lines)
    assert "exploded" not in json.dumps(lines)
