"""Durations and times as people say them, and what fits into one SMS."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from heed.announcing import en, zh
from heed.announcing.words import fill, fits_gsm, fits_ucs2
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
    ("text", "gsm", "ucs2"),
    [
        ("a" * 70, True, True),
        ("a" * 71, True, False),
        ("a" * 140, True, False),
        ("a" * 141, False, False),
        ("危" * 70, False, True),
        ("危" * 71, False, False),
        ("😀" * 35, False, True),
        ("😀" * 36, False, False),
        ("https://h.cn/~a", False, True),
        ("a\nb", False, True),
        ("under_score", True, True),
    ],
)
def test_what_fits_into_one_sms(text: str, gsm: bool, ucs2: bool) -> None:
    assert (fits_gsm(text), fits_ucs2(text)) == (gsm, ucs2)


@pytest.mark.parametrize(
    ("limit", "filled"),
    [(99, "head one three link"), (14, "head one link"), (12, "head link"), (8, "head one"), (4, "head")],
)
def test_an_sms_is_filled_link_first_then_in_order(limit: int, filled: str) -> None:
    assert fill("head", (" one", " three"), "link", lambda text: len(text) <= limit) == filled


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
