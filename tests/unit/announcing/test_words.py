"""Durations and times as people say them, and what fits into one SMS."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from heed.announcing import en, zh
from heed.announcing.words import fill, sms_parts
from heed.model import Kind, Metric, RiskName, Surface, Topic

NOON = datetime(2026, 11, 1, 12, 5, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "less than 1 s", "不到 1 秒"),
        (0.999, "less than 1 s", "不到 1 秒"),
        (1, "1 s", "1 秒"),
        (59.9, "59 s", "59 秒"),
        (60, "1 min", "1 分钟"),
        (125, "2 min 05 s", "2 分 05 秒"),
        (3599, "59 min 59 s", "59 分 59 秒"),
        (3600, "1 h", "1 小时"),
        (3659, "1 h", "1 小时"),
        (3660, "1 h 01 min", "1 小时 01 分"),
        (86_399, "23 h 59 min", "23 小时 59 分"),
        (86_400, "1 d", "1 天"),
        (86_400 + 3_599, "1 d", "1 天"),
        (3 * 86_400 + 4 * 3_600, "3 d 4 h", "3 天 4 小时"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float, english: str, chinese: str) -> None:
    assert (en.duration(seconds), zh.duration(seconds)) == (english, chinese)


def test_a_promise_is_told_in_hours_because_its_days_are_not_whole_days() -> None:
    assert en.duration(27 * 3600, days=False) == "27 h"
    assert zh.duration(27 * 3600, days=False) == "27 小时"


@pytest.mark.parametrize(
    ("zone", "english", "chinese"),
    [
        ("UTC", "Sun 1 Nov 12:05 UTC", "11月1日 周日 12:05 UTC"),
        ("Etc/UTC", "Sun 1 Nov 12:05 UTC", "11月1日 周日 12:05 UTC"),
        ("Asia/Shanghai", "Sun 1 Nov 20:05 Shanghai time (UTC+8)", "11月1日 周日 20:05 北京时间"),
        (
            "America/New_York",
            "Sun 1 Nov 07:05 New York time (UTC-5)",
            "11月1日 周日 07:05 New York 时间（UTC-5）",
        ),
        (
            "America/St_Johns",
            "Sun 1 Nov 08:35 St Johns time (UTC-3:30)",
            "11月1日 周日 08:35 St Johns 时间（UTC-3:30）",
        ),
        (
            "Asia/Kolkata",
            "Sun 1 Nov 17:35 Kolkata time (UTC+5:30)",
            "11月1日 周日 17:35 Kolkata 时间（UTC+5:30）",
        ),
        (
            "Pacific/Kiritimati",
            "Mon 2 Nov 02:05 Kiritimati time (UTC+14)",
            "11月2日 周一 02:05 Kiritimati 时间（UTC+14）",
        ),
    ],
)
def test_a_time_says_its_zone(zone: str, english: str, chinese: str) -> None:
    at = NOON.astimezone(ZoneInfo(zone))
    assert (en.moment(at), zh.moment(at)) == (english, chinese)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("危" * 70, 1),
        ("危" * 71, 2),
        ("危" * 134, 2),
        ("危" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("~" + "a" * 70, 2),
        ("a\n" * 36, 2),
        ("under_score" * 14, 1),
    ],
)
def test_how_many_sms_a_text_takes(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


@pytest.mark.parametrize(
    ("room", "filled"),
    [(99, " one three"), (10, " one three"), (9, " one"), (5, " one"), (4, " one"), (3, ""), (0, "")],
)
def test_an_sms_is_filled_up_to_140_characters(room: int, filled: str) -> None:
    head = "Heed P1 BREACH 7K3Q-9MXA: first"
    link = "l" * (140 - len(head) - 1 - room)
    assert fill(head, (" one", " three"), link) == f"{head}{filled} {link}"


def test_an_extra_that_does_not_fit_leaves_room_for_a_shorter_one() -> None:
    assert fill("head", (" three", " one"), "l" * 100).startswith("head three one l")
    assert fill("危" * 60, ("风险" * 10, "急"), "").startswith("危" * 60 + "急")


@pytest.mark.parametrize(
    ("link", "sent"),
    [
        ("l" * 95, f"Heed P1 BREACH 7K3Q-9MXA: first reply 2 min {'l' * 95}"),
        ("l" * 107, f"Heed P1 BREACH 7K3Q-9MXA: first {'l' * 107}"),
        ("l" * 109, "Heed P1 BREACH 7K3Q-9MXA: first reply 2 min 05 s late."),
    ],
)
def test_the_words_give_way_to_the_link_and_the_link_to_the_case(link: str, sent: str) -> None:
    assert fill("Heed P1 BREACH 7K3Q-9MXA: first reply 2 min 05 s late.", (), link) == sent


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (zh._RISKS, RiskName),
        (zh._SUBJECTS, Kind),
        (zh._TOPICS, Topic),
        (zh._SURFACES, Surface),
        (zh._METRICS, Metric),
        (en._SURFACES, Surface),
        (en._METRICS, Metric),
    ],
)
def test_every_code_has_its_word(table: dict[str, str], codes: type) -> None:
    assert set(table) == set(codes)
    assert len(set(table.values())) == len(table)
