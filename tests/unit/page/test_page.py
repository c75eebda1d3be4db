"""What the page says of a case, in both languages; and that nothing on it can be anything but words."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.model import Case, ClockState, Metric, Priority, Status
from heed.page import CONTENT_SECURITY_POLICY, Trouble, page, shown, trouble_page
from heed.page.shown import signature
from heed.policy import Team
from tests.unit.announcing.told import DUE, NOW, PERSONAL, POLICY, URL, case, cases, clock, relaxed

END = NOW + timedelta(hours=24)
LATE = clock()
RUNNING = clock(state=ClockState.RUNNING, detected_at=None, deadline_at=NOW + timedelta(minutes=4))


class Read(HTMLParser):
    """A page as a browser's parser sees it: its elements with their attributes, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.style = ""
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self._in == "style":
            self.style += data
        else:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(of: Case, language: str = "en", now: datetime = NOW, open_url: str = "", policy: Any = POLICY) -> Read:
    return Read(page(shown(of, policy, now, END, open_url), language))


HEADLINES = [
    ("late", case(LATE), "First reply 2 min 05 s late", "首次回复已超时 2 分 05 秒"),
    (
        "overdue though nobody has marked it yet",
        case(replace(RUNNING, deadline_at=DUE)),
        "First reply 2 min 05 s late",
        "首次回复已超时 2 分 05 秒",
    ),
    ("due", case(RUNNING), "First reply due in 4 min", "首次回复还剩 4 分钟"),
    (
        "the most urgent of several",
        case(replace(RUNNING, metric=Metric.RESOLUTION, deadline_at=NOW + timedelta(hours=8)), LATE),
        "First reply 2 min 05 s late",
        "首次回复已超时 2 分 05 秒",
    ),
    (
        "answered late: resolution is what is left",
        case(
            replace(LATE, state=ClockState.BREACHED_MET, stopped_at=NOW),
            replace(RUNNING, metric=Metric.RESOLUTION, deadline_at=NOW + timedelta(hours=8)),
        ),
        "Resolution due in 8 h",
        "问题解决还剩 8 小时",
    ),
    (
        "broken, then closed: it asks for no more",
        case(replace(LATE, stopped_at=NOW)),
        "No promise is running.",
        "目前没有计时中的承诺。",
    ),
    (
        "the platform's window is what is most urgent",
        case(LATE, replace(RUNNING, metric=Metric.REPLY_WINDOW, deadline_at=DUE - timedelta(minutes=1))),
        "Reply in the window 3 min 05 s late",
        "窗口内回复已超时 3 分 05 秒",
    ),
    (
        "the platform's window closes soon",
        case(replace(RUNNING, metric=Metric.REPLY_WINDOW)),
        "Reply in the window due in 4 min The platform takes answers for 15 min, until Thu 12 Mar 03:21 UTC.",
        "窗口内回复还剩 4 分钟 平台只在 15 分钟内接受回复，至 3月12日 周四 03:21 UTC。",
    ),
    (
        "a platform's window while nobody waits",
        case(replace(RUNNING, metric=Metric.REPLY_WINDOW), waiting_since=None),
        "No promise is running.",
        "目前没有计时中的承诺。",
    ),
    ("paused", case(replace(RUNNING, state=ClockState.PAUSED)), "No promise is running.", "目前没有计时中的承诺。"),
    ("unbounded", case(replace(RUNNING, deadline_at=None)), "No promise is running.", "目前没有计时中的承诺。"),
    ("no promise at all", case(), "No promise is running.", "目前没有计时中的承诺。"),
    ("resolved", case(LATE, status=Status.RESOLVED, resolved_at=NOW), "Resolved. Nothing to do.", "已解决，无需处理。"),
]


@pytest.mark.parametrize(
    ("of", "english", "chinese"), [row[1:] for row in HEADLINES], ids=[row[0] for row in HEADLINES]
)
def test_the_headline_is_how_the_most_urgent_promise_stands(of: Case, english: str, chinese: str) -> None:
    assert english in read(of).text
    assert chinese in read(of, "zh").text


def test_the_english_page_says_all_that_somebody_on_call_has_to_know() -> None:
    assert read(case(LATE, team="care-cn"), open_url=URL).text == (
        "7K3Q-9MXA · P1 Heed 7K3Q-9MXA P1 open First reply 2 min 05 s late "
        "Promised within 15 min (hours: always). Due Thu 12 Mar 03:15 UTC. Acknowledge Open the case "
        "At risk safety, media Waiting 17 min 05 s, 3 messages About complaint, product quality "
        "Where wechat/flagship-cn, public comment Brand 青禾 Qinghe Team care-cn "
        "As of Thu 12 Mar 03:17 UTC. This link works until Fri 13 Mar 03:17 UTC. "
        "Whoever has it can acknowledge: do not pass it on."
    )


def test_the_chinese_page_says_the_same() -> None:
    office = replace(LATE, calendar="office-cn")
    assert read(case(office, priority=Priority.P3), "zh", open_url=URL).text == (
        "7K3Q-9MXA · P3 Heed 7K3Q-9MXA P3 待处理 首次回复已超时 2 分 05 秒 "
        "承诺 15 分钟内首次回复（时段：office-cn）。期限：3月12日 周四 11:15 北京时间。 确认接手 打开工单 "
        "风险 人身安全、媒体曝光 已等 17 分 05 秒，3 条消息 内容 投诉，产品质量 "
        "渠道 wechat/flagship-cn，公开评论 品牌 青禾 Qinghe 团队 care-global "
        "截至 3月12日 周四 11:17 北京时间。此链接有效至 3月13日 周五 11:17 北京时间。"
        "持有链接的人都能确认接手，请勿转发。"
    )


def test_a_case_nobody_took_has_one_form_that_posts_to_where_it_came_from() -> None:
    found = read(case(LATE))
    assert found.of("form") == [{"method": "post"}]
    assert len(found.of("button")) == 1
    (field,) = found.of("input")
    assert (field["name"], field["maxlength"]) == ("name", "40")


@pytest.mark.parametrize(
    ("language", "by", "said"),
    [
        ("en", "Li Wei (link)", "Acknowledged by Li Wei (link), Thu 12 Mar 03:17 UTC"),
        ("en", "on call (link)", "Acknowledged by on call (link), Thu 12 Mar 03:17 UTC"),
        ("zh", "on call (link)", "值班人员（链接） 已接手，3月12日 周四 03:17 UTC"),
        ("zh", "ann@example.com", "ann@example.com 已接手，3月12日 周四 03:17 UTC"),
    ],
)
def test_a_case_that_was_taken_says_by_whom_and_when_and_has_no_button(language: str, by: str, said: str) -> None:
    found = read(case(LATE, acknowledged_by=by, acknowledged_at=NOW), language)
    assert said in found.text
    assert found.of("form") == []


def test_a_resolved_case_says_when_and_has_nothing_to_press_but_open() -> None:
    found = read(case(LATE, status=Status.RESOLVED, resolved_at=NOW), open_url=URL)
    assert "Resolved Thu 12 Mar 03:17 UTC" in found.text
    assert found.of("form") == []
    assert [link["href"] for link in found.of("a")] == [URL]


def test_without_an_address_of_cases_there_is_no_button_that_opens_one() -> None:
    assert read(case(LATE)).of("a") == []


@pytest.mark.parametrize("language", ["en", "zh"])
@relaxed
@given(of=cases())
def test_no_page_holds_a_word_or_an_id_of_a_customer(language: str, of: Case) -> None:
    of = replace(of, excerpt=PERSONAL, assignee="nobody")
    text = page(shown(of, POLICY, NOW, END, URL), language)
    assert not set(PERSONAL) & set(text)
    assert of.key not in text


HOSTILE = '"><script>alert(1)</script><a href="javascript:x">\'&amp;</style><!--{0.__class__}%s'


def hostile() -> tuple[Case, Any]:
    policy = replace(
        POLICY,
        brands={"qinghe": HOSTILE},
        teams={HOSTILE: Team(HOSTILE, "en")},
        hours={HOSTILE: {"zone": "UTC", "week": {}, "days": {}}},
    )
    of = case(
        replace(LATE, calendar=HOSTILE),
        channel=HOSTILE,
        team=HOSTILE,
        acknowledged_by=HOSTILE,
        acknowledged_at=NOW,
    )
    return of, policy


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_others_wrote_is_words_on_the_page_and_nothing_else(language: str) -> None:
    of, policy = hostile()
    tame = read(case(LATE, acknowledged_by="x", acknowledged_at=NOW), language, open_url=URL)
    found = read(of, language, open_url=HOSTILE, policy=policy)
    assert [name for name, _ in found.elements] == [name for name, _ in tame.elements]
    assert [link["href"] for link in found.of("a")] == [HOSTILE]
    assert HOSTILE in "".join(found.words)
    assert found.style == tame.style


@given(name=st.text(max_size=200))
def test_a_typed_name_is_one_marked_line_of_at_most_forty_characters(name: str) -> None:
    signed = signature(name)
    assert signed.endswith(" (link)")
    assert len(signed) <= 40
    assert signed.isprintable()


@pytest.mark.parametrize(
    ("name", "signed"),
    [
        ("", "on call (link)"),
        ("  \u202e ", "on call (link)"),
        (" 李 薇 ", "李 薇 (link)"),
        ("Li\nWei", "Li Wei (link)"),
        ("x" * 50, "x" * 32 + "… (link)"),
    ],
)
def test_who_acknowledges_by_link_is_recorded_as_typed_and_marked(name: str, signed: str) -> None:
    assert signature(name) == signed


@pytest.mark.parametrize("trouble", Trouble)
def test_a_page_of_trouble_says_it_in_both_languages_and_names_no_case(trouble: Trouble) -> None:
    found = Read(trouble_page(trouble, "req-1"))
    assert {said["lang"] for said in found.of("p")} == {"en", "zh"}
    assert "req-1" in found.text
    assert not re.search(r"P\d|-\w{4}\b", found.text.replace("req-1", ""))


@pytest.mark.parametrize("text", [page(shown(case(LATE), POLICY, NOW, END, URL), "en"), trouble_page(Trouble.GONE)])
def test_every_page_runs_no_script_loads_nothing_and_has_the_one_style_its_policy_names(text: str) -> None:
    found = Read(text)
    assert {name for name, _ in found.elements}.isdisjoint({"script", "link", "img", "iframe", "object", "svg", "base"})
    assert not any(name.startswith("on") or name in ("style", "src") for _, given in found.elements for name in given)
    assert "url(" not in found.style
    digest = base64.b64encode(hashlib.sha256(found.style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert text.count("<style>") == 1
