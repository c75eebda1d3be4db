"""HTTP events of API Gateway and function URLs."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.platforms import Response
from heed.rim import http


def event(**changes: Any) -> dict[str, Any]:
    return {"requestContext": {"http": {"method": "POST"}}, "rawQueryString": "a=1", "headers": {}, **changes}


@given(st.binary(max_size=200))
def test_a_body_sent_as_base64_arrives_as_the_bytes_it_was(body: bytes) -> None:
    sent = event(body=base64.b64encode(body).decode(), isBase64Encoded=True)
    assert http.request(sent).body == body


@given(st.text(max_size=100))
def test_a_body_sent_as_text_arrives_as_its_utf8(body: str) -> None:
    assert http.request(event(body=body)).body == body.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("body", ["%%%", "YQ=", "YQ==\n!"])
def test_a_body_that_claims_base64_and_is_none_has_no_bytes(body: str) -> None:
    assert http.request(event(body=body, isBase64Encoded=True)).body == b""


def test_header_names_are_lower_case_whoever_sends_them() -> None:
    assert http.request(event(headers={"X-Hub-Signature-256": "s"})).headers == {"x-hub-signature-256": "s"}


@pytest.mark.parametrize("missing", [{}, {"headers": None, "body": None, "rawQueryString": None}])
def test_a_request_may_lack_headers_body_and_query(missing: dict[str, Any]) -> None:
    asked = http.request({"requestContext": {"http": {"method": "GET"}}, **missing})
    assert (asked.method, asked.query, dict(asked.headers), asked.body) == ("GET", "", {}, b"")


def test_the_query_stays_as_it_was_sent_and_decodes_once() -> None:
    asked = http.request(event(rawQueryString="echostr=a%252Bb%2B&echostr=other&empty="))
    assert asked.query == "echostr=a%252Bb%2B&echostr=other&empty="
    assert asked.parameters() == {"echostr": "a%2Bb+", "empty": ""}


def test_an_answer_is_never_cached_or_sniffed() -> None:
    answer = http.response(Response(200, "success"))
    assert (answer["statusCode"], answer["body"]) == (200, "success")
    assert answer["headers"] == {
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }


def test_json_is_sent_as_json() -> None:
    answer = http.as_json(404, {"error": "不存在"})
    assert answer["headers"]["content-type"] == "application/json; charset=utf-8"
    assert json.loads(answer["body"]) == {"error": "不存在"}


LONG = http.as_json(200, {"words": ["退货" * 5] * 200})


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP", "deflate;q=0.5, gzip;q=0.1", "*", "identity;q=0.5, *;q=0.1"])
def test_a_long_answer_is_in_gzip_for_who_takes_it(accepted: str) -> None:
    short = http.shortened(LONG, event(headers={"Accept-Encoding": accepted}))
    assert gzip.decompress(base64.b64decode(short["body"])).decode() == LONG["body"]
    assert short["isBase64Encoded"] is True
    assert short["headers"] == LONG["headers"] | {"content-encoding": "gzip", "vary": "accept-encoding"}
    assert len(short["body"]) < len(LONG["body"]) / 10


@pytest.mark.parametrize(
    "headers",
    [{}, None, {"accept-encoding": "br"}, {"accept-encoding": "gzip;q=0, *"}, {"accept-encoding": "*; q=0.00"}],
)
def test_a_long_answer_stays_as_it_is_for_who_does_not(headers: Any) -> None:
    assert http.shortened(LONG, event(headers=headers)) is LONG


def test_a_short_answer_gains_nothing() -> None:
    answer = http.as_json(200, {"word": "退货"})
    assert http.shortened(answer, event(headers={"accept-encoding": "gzip"})) is answer
