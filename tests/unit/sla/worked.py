"""The worked cases of business-hours arithmetic, T1 to T40, in the format of `python -m tests.sla_conformance`.

Chinese dates follow the State Council's notice on the holidays of 2026. Wall-clock times stand in the calendar's zone.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

MONDAY_TO_FRIDAY = ("mon", "tue", "wed", "thu", "fri")
EVERY_DAY = (*MONDAY_TO_FRIDAY, "sat", "sun")


def week(days: tuple[str, ...], *hours: tuple[str, str]) -> dict[str, list[list[str]]]:
    return {day: [list(interval) for interval in hours] for day in days}


def _chinese_days(hours: list[list[str]]) -> dict[str, list[list[str]]]:
    off = [("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7)]
    days: dict[str, list[list[str]]] = {}
    for first, length in off:
        begins = date.fromisoformat(f"2026-{first}")
        days |= {(begins + timedelta(days=n)).isoformat(): [] for n in range(length)}
    make_up = ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")
    return days | {f"2026-{day}": hours for day in make_up}


def _calendar(zone: str, week: dict[str, Any], days: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"zone": zone, "week": week, "days": days or {}}


_OFFICE = [["09:00", "18:00"]]
_LUNCH = [["09:00", "12:00"], ["13:00", "18:00"]]
_SHORTENED = {"2026-07-03": [], "2026-11-26": [], "2026-11-27": [["09:00", "13:00"]]}

CN = _calendar("Asia/Shanghai", week(MONDAY_TO_FRIDAY, ("09:00", "18:00")), _chinese_days(_OFFICE))
CN_2027 = {**CN, "days": {**CN["days"], "2027-01-01": [], "2027-01-02": [], "2027-01-03": []}}
CN_L = _calendar("Asia/Shanghai", week(MONDAY_TO_FRIDAY, ("09:00", "12:00"), ("13:00", "18:00")), _chinese_days(_LUNCH))
CN_D = _calendar("Asia/Shanghai", week(EVERY_DAY, ("00:00", "24:00")))
CN_E = _calendar("Asia/Shanghai", week(MONDAY_TO_FRIDAY, ("18:00", "02:00")))
NY = _calendar("America/New_York", week(MONDAY_TO_FRIDAY, ("09:00", "17:00")), _SHORTENED)
NY_N = _calendar("America/New_York", week(EVERY_DAY, ("22:00", "06:00")))
NY_GAP = _calendar("America/New_York", week(("sun",), ("02:30", "06:00")))
NY_FIRST = _calendar("America/New_York", week(("sun",), ("01:30", "06:00")))
NY_LAST = _calendar("America/New_York", week(("sun",), ("00:00", "01:30")))
LDN = _calendar("Europe/London", week(MONDAY_TO_FRIDAY, ("09:00", "17:00")))
ALWAYS = _calendar("America/New_York", week(EVERY_DAY, ("00:00", "24:00")))
CLOSED = _calendar("Asia/Shanghai", {})


def _add(name: str, calendar: dict[str, Any], start: str, seconds: int, expect: str) -> dict[str, Any]:
    return {"id": name, "calendar": calendar, "op": "add", "start": start, "seconds": seconds, "expect": expect}


def _between(name: str, calendar: dict[str, Any], start: str, end: str, expect: int) -> dict[str, Any]:
    return {"id": name, "calendar": calendar, "op": "between", "start": start, "end": end, "expect": expect}


MIN, HOUR = 60, 3600

CASES = [
    _add("T1", CN, "2026-03-11T10:00", 60 * MIN, "2026-03-11T11:00"),
    _add("T2", CN, "2026-03-11T07:30", 60 * MIN, "2026-03-11T10:00"),
    _add("T3", CN, "2026-03-11T18:00", 30 * MIN, "2026-03-12T09:30"),
    _add("T4", CN, "2026-03-11T17:45", 30 * MIN, "2026-03-12T09:15"),
    _add("T5", CN, "2026-03-11T17:30", 30 * MIN, "2026-03-11T18:00"),
    _add("T7", CN, "2026-03-13T17:30", 2 * HOUR, "2026-03-16T10:30"),
    _add("T8", CN_L, "2026-03-11T11:45", 30 * MIN, "2026-03-11T13:15"),
    _add("T9", CN_L, "2026-03-11T12:20", 30 * MIN, "2026-03-11T13:30"),
    _add("T10", CN_D, "2026-03-10T23:50", 20 * MIN, "2026-03-11T00:10"),
    _add("T12", CN, "2025-12-31T17:00", 2 * HOUR, "2026-01-04T10:00"),
    _add("T13", CN, "2026-02-13T17:00", 4 * HOUR, "2026-02-14T12:00"),
    _add("T14", CN, "2026-02-14T17:30", 1 * HOUR, "2026-02-24T09:30"),
    _add("T15", CN, "2026-02-18T12:00", 30 * MIN, "2026-02-24T09:30"),
    _add("T16", CN, "2026-02-27T16:00", 4 * HOUR, "2026-02-28T11:00"),
    _add("T18", CN, "2026-04-03T17:30", 1 * HOUR, "2026-04-07T09:30"),
    _add("T19", CN, "2026-04-30T16:00", 4 * HOUR, "2026-05-06T11:00"),
    _add("T20", CN, "2026-05-08T17:00", 2 * HOUR, "2026-05-09T10:00"),
    _add("T21", CN, "2026-09-20T10:00", 1 * HOUR, "2026-09-20T11:00"),
    _add("T24 without 2027", CN, "2026-12-31T17:30", 1 * HOUR, "2027-01-01T09:30"),
    _add("T24 with 2027", CN_2027, "2026-12-31T17:30", 1 * HOUR, "2027-01-04T09:30"),
    _add("T25", ALWAYS, "2026-02-17T03:00+08:00", 30 * MIN, "2026-02-17T03:30+08:00"),
    _add("T26", ALWAYS, "2026-03-07T12:00-05:00", 24 * HOUR, "2026-03-08T17:00Z"),
    _add("T27", NY, "2026-03-06T16:30-05:00", 60 * MIN, "2026-03-09T13:30Z"),
    _add("T30", ALWAYS, "2026-10-31T12:00-04:00", 24 * HOUR, "2026-11-01T16:00Z"),
    _add("T32", NY_GAP, "2026-03-08T01:00-05:00", 60 * MIN, "2026-03-08T04:00-04:00"),
    _add("T34 first week", NY, "2026-03-02T21:00+08:00", 60 * MIN, "2026-03-02T23:00+08:00"),
    _add("T34 second week", NY, "2026-03-09T21:00+08:00", 60 * MIN, "2026-03-09T22:00+08:00"),
    _add("T35 spring", LDN, "2026-03-27T16:30+00:00", 60 * MIN, "2026-03-30T08:30Z"),
    _add("T35 autumn", LDN, "2026-10-23T16:30+01:00", 60 * MIN, "2026-10-26T09:30Z"),
    _add("T37", NY, "2026-11-25T16:30-05:00", 60 * MIN, "2026-11-27T09:30-05:00"),
    _add("T39", NY, "2026-07-02T16:30-04:00", 60 * MIN, "2026-07-06T09:30-04:00"),
    _add("T40", CLOSED, "2026-03-11T10:00", 60 * MIN, "UNBOUNDED"),
    _add("T67 Wed 17:00", CN, "2026-03-11T17:00", 4 * HOUR, "2026-03-12T12:00"),
    _add("T67 Wed 16:00", CN, "2026-03-11T16:00", 4 * HOUR, "2026-03-12T11:00"),
    # What follows from the rules beside the worked cases.
    _add("an evening shift ends on the next day", CN_E, "2026-03-13T23:00", 4 * HOUR, "2026-03-16T19:00"),
    _add("a night shift gains the hour of autumn", NY_N, "2026-10-31T22:00", 9 * HOUR, "2026-11-01T06:00-05:00"),
    _add("a night shift loses the hour of spring", NY_N, "2026-03-07T22:00", 7 * HOUR, "2026-03-08T06:00-04:00"),
    _add("no target, no wait", CN, "2026-03-11T20:00", 0, "2026-03-11T20:00"),
    _add("a microsecond start", CN, "2026-03-11T17:59:59.999999", 1, "2026-03-12T09:00:00.999999"),
    _add("a shortened day", NY, "2026-11-27T12:30", 1 * HOUR, "2026-11-30T09:30"),
    _between("a working week", CN, "2026-03-09T00:00", "2026-03-16T00:00", 45 * HOUR),
    _between("the Spring Festival", CN, "2026-02-14T18:00", "2026-02-24T09:00", 0),
    _between("backwards", CN, "2026-03-12T00:00", "2026-03-11T00:00", 0),
    _between("the day of autumn, always", ALWAYS, "2026-11-01T00:00", "2026-11-02T00:00", 25 * HOUR),
    _between("the night of spring", NY_N, "2026-03-07T12:00", "2026-03-08T12:00", 7 * HOUR),
    _between("an opening that comes twice is the first", NY_FIRST, "2026-11-01T00:00", "2026-11-02T00:00", 19_800),
    _between("a closing that comes twice is the last", NY_LAST, "2026-11-01T00:00", "2026-11-02T00:00", 9_000),
    _between("over New Year", CN, "2025-12-31T09:00", "2026-01-04T18:00", 18 * HOUR),
]
