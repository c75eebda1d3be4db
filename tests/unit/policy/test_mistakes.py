# ruff: noqa: E501 - a sentence told is compared whole, on its own line
"""Every mistake in a policy file is told with its line, its place and what would be right."""

import time
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from heed.policy.build import compile_policy
from heed.policy.source import Invalid

EXAMPLE = Path(__file__).with_name("example.yaml").read_text(encoding="utf-8")


def problems(text: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        compile_policy(text)
    return str(caught.value).splitlines()


MISTAKES = {
    # names that another section has to give
    "team": ("team: care}\npri", "team: cares}\npri", '18: channels.webhook/form.team: "cares" is not a team; choose from care, safety'),
    "brand": ("{brand: qinghe, team: care}", "{brand: qing, team: care}", '18: channels.webhook/form.brand: "qing" is not a brand; choose from qinghe'),
    "calendar": ("calendar: office}", "calendar: office-xy}", '29: targets.P3.resolution.calendar: "office-xy" is not a calendar; choose from always, office'),
    "channel": ("[webhook/form]", "[webhook/from]", '24: routing.when.channels: "webhook/from" is not a channel; choose from wechat/flagship, webhook/form'),
    "routing team": ("then: safety", "then: saftey", '24: routing.then: "saftey" is not a team; choose from care, safety'),
    # words Heed knows
    "kind": ("{uncertain: true,", "{kinds: [compliant],", '21: priorities.when.kinds: "compliant" is not a kind; choose from complaint, question, praise, suggestion, request, irrelevant'),
    "risk": ("risks: [safety]\n", "risks: [danger]\n", '32: people.risks: "danger" is not a risk; choose from safety, legal, regulator, media, fraud, data_leak, self_harm, abuse, scam'),
    "metric": ("resolution:", "solution:", '29: targets.P3.solution: "solution" is not a metric; choose from first_response, next_response, resolution'),
    "priority": ("  P3:", "  P5:", '28: targets.P5: "P5" is not a priority; choose from P1, P2, P3, P4'),
    "platform": ("wechat/flagship: {", "telepathy/flagship: {", '17: channels.telepathy/flagship: "telepathy/flagship" is not platform/account; choose the platform from bilibili, chatwoot, discord, douyin, facebook, instagram, intercom, kakao, kuaishou, line, slack, telegram, tiktok, viber, webhook, wechat, wecom, weibo, whatsapp, x, xiaohongshu, zalo, zendesk'),
    "no account": ("  wechat/flagship: {", "  wechat: {", '17: channels.wechat: "wechat" is not platform/account; choose the platform from bilibili, chatwoot, discord, douyin, facebook, instagram, intercom, kakao, kuaishou, line, slack, telegram, tiktok, viber, webhook, wechat, wecom, weibo, whatsapp, x, xiaohongshu, zalo, zendesk'),
    "account": ("wechat/flagship: {", "wechat/Flagship: {", '17: channels.wechat/Flagship: "Flagship" is not an account; it must be 1 to 63 of a-z, 0-9 and -, and not start with -'),
    "notices": ("{language: zh}", "{language: fr}", '4: teams.care.language: "fr" is not a language of notices; choose from zh, en'),
    "language": ("language: zh, bots", "language: chinese, bots", '17: channels.wechat/flagship.language: "chinese" is not a language; write its ISO 639-1 code such as zh or en'),
    "heard language": ("[no, und]", "[norsk]", '21: priorities.when.languages: "norsk" is not a language; write its ISO 639-1 code such as zh or en, or und for unknown'),
    # keys
    "key": ("within: 15m", "within: 15m, whithin: 15m", '27: targets.P1.first_response.whithin: is not known here; did you mean "within"? choose from within, calendar, warn_before'),
    "odd key": ("keep_days: 365", "keep_days: 365\nzzz: 1", "39: zzz: is not known here; choose from brands, teams, calendars, channels, priorities, routing, targets, people, reply_windows, escalation, rosters, noise, words, resolution_pauses_in, warn_at_share, reopen_within, contained_after, keep_days, keep_quarantine_days, excerpt_characters"),
    "key of a rule": ("{uncertain:", "{uncertian:", '21: priorities.when.uncertian: is not known here; did you mean "uncertain"? choose from kinds, sentiments, topics, risks, signals, surfaces, platforms, channels, languages, uncertain'),
    "missing": ("reopen_within: 72h\n", "", "1: reopen_within: is missing"),
    "missing below": (", calendar: office}", "}", "29: targets.P3.resolution.calendar: is missing"),
    "twice": ("keep_days: 365", "keep_days: 365\nkeep_days: 30", '39: "keep_days" is already given on line 38'),
    "team twice": ("  safety: {language: en}", "  safety: {language: en}\n  care: {language: zh}", '6: teams: "care" is already given on line 4'),
    "name": ("  qinghe: {name: 青禾 Qinghe}", "  qinghe: {name: 青禾}\n  Qing_He: {name: x}", '3: brands.Qing_He: "Qing_He" must be 1 to 63 of a-z, 0-9 and -, and not start with -'),
    # escalation and windows
    "first level": ("warn_at_share", "escalation: {levels: {P1: [{after: 1m}]}}\nwarn_at_share", "36: escalation.levels.P1.after: must be 0s: a breach is told at once"),
    "level order": ("warn_at_share", "escalation: {levels: {P1: [{after: 0m}, {after: 5m}, {after: 5m}]}}\nwarn_at_share", "36: escalation.levels.P1.after: must be later than the level before"),
    "level age": ("warn_at_share", "escalation: {levels: {P1: [{after: 0m}, {after: 1d}]}}\nwarn_at_share", "36: escalation.levels.P1.after: must be less than 24h: after a day a chain ends"),
    "no level": ("warn_at_share", "escalation: {levels: {P1: []}}\nwarn_at_share", "36: escalation.levels.P1: must hold at least one entry"),
    "level team": ("warn_at_share", "escalation: {levels: {P1: [{after: 0m, to: {team: nobody}}]}}\nwarn_at_share", '36: escalation.levels.P1.to.team: "nobody" is not a team; choose from care, safety'),
    "level severity": ("warn_at_share", "escalation: {levels: {P1: [{after: 0m, to: {severity: loud}}]}}\nwarn_at_share", '36: escalation.levels.P1.to.severity: "loud" is not a severity; choose from critical, high, normal, info'),
    "window": ("warn_at_share", "reply_windows: {facebook: {private: 24h}}\nwarn_at_share", '36: reply_windows.facebook.private: "private" is not a surface; choose from direct, comment, mention, review'),
    "pause": ("warn_at_share", "resolution_pauses_in: [open]\nwarn_at_share", '36: resolution_pauses_in: "open" is not a status that pauses; choose from pending_customer, on_hold'),
    "warning": ("within: 15m", "within: 15m, warn_before: 15m", "27: targets.P1.first_response.warn_before: must be shorter than the promise"),
    "elapsed": ("channels:\n", '  24x7: {zone: UTC, week: {mon: ["09:00-10:00"]}}\nchannels:\n', '16: calendars.24x7: "24x7" is Heed\'s own name for elapsed time; choose another'),
    # values
    "duration": ("within: 15m", "within: 15 min", '27: targets.P1.first_response.within: "15 min" is not a duration; write a number and s, m, h or d, such as 15m, from 1s to 400d'),
    "no time": ("within: 15m", "within: 0s", '27: targets.P1.first_response.within: "0s" is not a duration; write a number and s, m, h or d, such as 15m, from 1s to 400d'),
    "long": ("within: 15m", "within: 401d", '27: targets.P1.first_response.within: "401d" is not a duration; write a number and s, m, h or d, such as 15m, from 1s to 400d'),
    "wait": ("after: 90s", "after: [90s]", "34: people.contacted_again_after: a list is not a duration; write a number and s, m, h or d, such as 15m, from 1s to 400d"),
    "share": ("share: 0.75", "share: 1", '36: warn_at_share: "1" must be a share from 0 (no warning) to less than 1, such as 0.75'),
    "days": ("keep_days: 365", "keep_days: 0", '38: keep_days: "0" must be a whole number from 1 to 3650'),
    "excerpt": ("characters: 0", "characters: 281", '40: excerpt_characters: "281" must be a whole number from 0 to 280'),
    "not a number": ("characters: 0", "characters: {}", "40: excerpt_characters: a mapping must be a whole number from 0 to 280"),
    "truth": ("negative: false", "negative: no", '35: people.uncertain_negative: "no" is neither true nor false; choose from true, false'),
    "brand name": ("青禾 Qinghe", '"a\\nb"', '2: brands.qinghe.name: "a\\nb" must be 1 to 80 printable characters on one line'),
    "control": ("青禾 Qinghe", '"\\e[2J"', '2: brands.qinghe.name: "\\u001b[2J" must be 1 to 80 printable characters on one line'),
    # shapes
    "not a list": ('mon-fri: ["13:00-18:00", "09:00-12:00"]', "mon-fri: 09:00-18:00", "12: calendars.office.week.mon-fri: must be a list, such as [a, b]"),
    "not a mapping": ("{language: zh}", "zh", "4: teams.care: must be a mapping of names to values"),
    "not text": ("then: P1", "then: [P1]", "20: priorities.then: must be text, not a list or a mapping"),
    "empty": ("risks: [safety, legal]", "risks: []", "20: priorities.when.risks: an empty list would hold for everything; leave it out or name values"),
    # calendars
    "zone": ("Asia/Shanghai", "Asia/Shangai", '11: calendars.office.zone: "Asia/Shangai" is not a time zone; did you mean Asia/Shanghai?'),
    "no such zone": ("Asia/Shanghai", "___", '11: calendars.office.zone: "___" is not a time zone; choose an IANA name such as Asia/Shanghai or UTC'),
    "weekday": ("mon-fri:", "mon-fry:", '12: calendars.office.week.mon-fry: "mon-fry" is not a day; choose from mon, tue, wed, thu, fri, sat, sun, a range such as mon-fri, or daily'),
    "weekday twice": ("sat:", "fri-sat:", '12: calendars.office.week.fri-sat: fri is already given by "mon-fri"'),
    "date": ("2026-01-04:", "2026-02-30:", '15: calendars.office.days.2026-02-30: "2026-02-30" is not a date from 2000 to 2199; write 2026-01-04 or 2026-01-01..2026-01-03'),
    "other date": ("2026-01-04:", "2026-W01-4:", '15: calendars.office.days.2026-W01-4: "2026-W01-4" is not a date from 2000 to 2199; write 2026-01-04 or 2026-01-01..2026-01-03'),
    "date twice": ("2026-01-04:", "2026-01-03:", '15: calendars.office.days.2026-01-03: 2026-01-03 is already given by "2026-01-01..2026-01-03"'),
    "backward": ("2026-01-01..", "2026-01-09..", '14: calendars.office.days.2026-01-09..2026-01-03: "2026-01-09..2026-01-03" must run forward, over at most 366 days'),
    "too long a range": ("2026-01-01..2026-01-03", "2026-01-01..2027-01-02", '14: calendars.office.days.2026-01-01..2027-01-02: "2026-01-01..2027-01-02" must run forward, over at most 366 days'),
    "interval": ("00:00-24:00", "00:00-24:30", '9: calendars.always.week.daily: "00:00-24:30" is not an interval; write opening and closing such as 09:00-18:00, up to 24:00'),
    "opening": ("00:00-24:00", "9:00-18:00", '9: calendars.always.week.daily: "9:00-18:00" is not an interval; write opening and closing such as 09:00-18:00, up to 24:00'),
    "no width": ("00:00-24:00", "09:00-09:00", '9: calendars.always.week.daily: "09:00-09:00" opens and closes at the same minute; a whole day is 00:00-24:00'),
    "overlap": ("09:00-12:00", "09:00-13:01", "12: calendars.office.week.mon-fri: 09:00-13:01 and 13:00-18:00 overlap"),
    "overlap over midnight": ("09:00-12:00", "09:00-02:00", "12: calendars.office.week.mon-fri: 09:00-02:00 and 13:00-18:00 overlap"),
    "never open": ('{daily: ["00:00-24:00"]}', "{mon: []}", "9: calendars.always.week: has no open time in its week; after its last dated day no promise on it falls due"),
    # rules and promises
    "after always": ("{uncertain: true, languages: [no, und]}", "{}", "22: priorities: is never reached: a rule that always holds decides first; put the narrower rule before the wider"),
    "covered": ("{uncertain: true, languages: [no, und]}", "{risks: [legal], uncertain: true}", "21: priorities: is never reached: an earlier rule that holds whenever this one does decides first; put the narrower rule before the wider"),
    "rule twice": ("{uncertain: true, languages: [no, und]}", "{risks: [legal, safety]}", "21: priorities: is never reached: an earlier rule that holds whenever this one does decides first; put the narrower rule before the wider"),
    "P1 without": ("first_response: {", "next_response: {", "26: targets.P1: P1 must promise a first_response"),
    "no P1": ("  P1:\n", "  P2:\n", "25: targets: P1 must promise a first_response"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_the_allowed_values(name: str) -> None:
    old, new, told = MISTAKES[name]
    assert old in EXAMPLE
    assert problems(EXAMPLE.replace(old, new, 1)) == [told]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    bent = EXAMPLE
    for name in ("twice", "kind", "zone", "calendar", "key", "excerpt"):
        bent = bent.replace(*MISTAKES[name][:2], 1)
    assert [line.split(":")[0] for line in problems(bent)] == ["11", "21", "27", "29", "39", "41"]


def test_a_section_that_is_missing_is_told_once_and_not_for_every_name_it_should_give() -> None:
    without = EXAMPLE.replace("teams:\n  care: {language: zh}\n  safety: {language: en}\n", "")
    assert problems(without) == ["1: teams: is missing"]
    assert problems(EXAMPLE.replace("teams:\n  care: {language: zh}\n  safety: {language: en}\n", "teams: {}\n")) == [
        "3: teams: must hold at least one entry"
    ]


def test_of_very_many_allowed_names_the_nearest_are_shown() -> None:
    teams = "".join(f"  team-{number}: {{language: en}}\n" for number in range(40))
    told = problems(EXAMPLE.replace("calendars:\n", teams + "calendars:\n", 1).replace("then: safety", "then: team-77"))
    assert told[0].startswith('64: routing.then: "team-77" is not a team; choose from team-')
    assert told[0].endswith(", ... (42 in all)")


def closed_for(days: int) -> str:
    """The example with its office closed for so many days from 2026-01-05, a Monday."""
    first = date(2026, 1, 5)
    middle, last = first + timedelta(days=365), first + timedelta(days=days - 1)
    ranges = f"      {first}..{middle}: []\n      {middle + timedelta(days=1)}..{last}: []\n"
    return EXAMPLE.replace("channels:\n", ranges + "channels:\n", 1)


def test_a_calendar_that_dated_days_close_for_more_than_400_days_is_refused() -> None:
    assert problems(closed_for(402))[0].startswith(
        "10: calendars.office: has no open time in the 400 days from 2026-01-0"
    )


def test_the_weekend_before_a_closure_counts_to_it() -> None:
    monday_to_friday = closed_for(399).replace(', sat: ["22:00-02:00"]', "").replace("2026-01-04", "2025-01-04")
    without_new_year = monday_to_friday.replace("2026-01-01..2026-01-03", "2025-01-01..2025-01-03")
    assert "in the 400 days from 2026-01-03" in problems(without_new_year)[0]


def test_a_long_closure_within_the_guard_is_allowed() -> None:
    assert compile_policy(closed_for(390))


def test_a_calendar_open_on_dated_days_only_is_refused_for_the_days_after_them() -> None:
    dated = EXAMPLE.replace('{mon-fri: ["13:00-18:00", "09:00-12:00"], sat: ["22:00-02:00"]}', "{}")
    assert problems(dated) == [
        "12: calendars.office.week: has no open time in its week; after its last dated day no promise on it falls due"
    ]


def test_more_dated_days_than_a_calendar_may_hold_are_refused() -> None:
    years = "".join(f"      {year}-01-01..{year}-12-31: []\n" for year in (2030, 2031, 2032))
    assert problems(EXAMPLE.replace("channels:\n", years + "channels:\n", 1)) == [
        "13: calendars.office.days: has more than 1000 dated days"
    ]


_LETTERS = "abcdefghi"
_BILLION = f"a: &a [{', '.join('x' * 10)}]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in pairwise(_LETTERS)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (_BILLION, "unfolds to more than 20000 entries"),
        ("a: &a [*a]", "nested deeper than 20 levels"),
        ("brands: &a {x: *a}", "nested deeper than 20 levels"),
        ("[" * 100_000, "nested deeper than 20 levels"),
        ("- " * 100_000, "nested deeper than 20 levels"),
        ("a" * 300_000, "longer than 262144 characters"),
        ("!!python/object/apply:os.system ['true']", "1: tags (!...) have no place"),
        ("brands:\n  a: !!str x", "2: tags (!...) have no place"),
        ('a: "\\UFFFFFFFF"', "out of range"),
        (f"%YAML {'9' * 5000}.1\n---\na: 1", "out of range"),
        ("a: 1\nb: \0", "2: the character U+0000 is not allowed"),
        ("a: [1,\nb: 2", "2: not YAML: "),
        ("a:\n\t- b", "2: not YAML: "),
        ("a: 1\n---\nb: 2", "2: not YAML: "),
        ("a: *nowhere", "1: not YAML: found undefined alias"),
        ("? [a]\n: 1", "1: a key is text, not a list or a mapping"),
        ("# nothing", "1: the file is empty"),
        ("- a", "1: a policy file is a mapping"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_at_once(text: str, told: str) -> None:
    started = time.process_time()
    assert any(told in line for line in problems(text))
    assert time.process_time() - started < 5


def test_hostile_names_are_told_on_one_line_without_control_characters() -> None:
    told = problems(EXAMPLE + f'"a\\nb\\e{"c" * 100}": 1\n')
    assert len(told) == 1
    assert told[0].startswith('41: "a\\nb\\u001bccc')
