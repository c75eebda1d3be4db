"""A policy file becomes a literal that the functions load without parsing anything."""

import ast
import runpy
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heed.model import Chain, Channel, Level, Metric, Priority, RiskName, Status, Surface
from heed.policy import ELAPSED, Policy, Target, Team, When, build, load
from heed.policy.build import compile_policy, main, module_text
from heed.policy.source import Invalid, Problem, Source

EXAMPLE_FILE = Path(__file__).with_name("example.yaml")
EXAMPLE = EXAMPLE_FILE.read_text(encoding="utf-8")
SHIPPED_FILE = Path(__file__).parents[3] / "layers" / "policy" / "policy.yaml"


def example(old: str = "", new: str = "") -> Policy:
    assert old in EXAMPLE
    return load(compile_policy(EXAMPLE.replace(old, new, 1)))


def test_the_shipped_policy_compiles_and_loads() -> None:
    policy = load(compile_policy(SHIPPED_FILE.read_text(encoding="utf-8")))
    assert policy.target(Priority.P1, Metric.FIRST_RESPONSE) == Target(900, "always", 0.75)
    assert policy.target(Priority.P4, Metric.FIRST_RESPONSE) is None
    # Friday before the make-up Saturday of the Spring Festival: an hour on Friday and three on Saturday
    due = policy.calendars["office-cn"].add(datetime(2026, 2, 13, 9, tzinfo=UTC), 4 * 3600)
    assert due == datetime(2026, 2, 14, 4, tzinfo=UTC)


def test_every_section_is_loaded_as_the_file_says() -> None:
    policy = example()
    assert policy.brands == {"qinghe": "青禾 Qinghe"}
    assert policy.teams == {"care": Team("care", "zh"), "safety": Team("safety", "en")}
    assert policy.channels == {
        "wechat/flagship": Channel("wechat", "flagship", "qinghe", "care", "zh", frozenset({"b", "0123"})),
        "webhook/form": Channel("webhook", "form", "qinghe", "care"),
    }
    assert policy.priorities == (
        (When(risks=frozenset({RiskName.SAFETY, RiskName.LEGAL})), Priority.P1),
        (When(uncertain=True, languages=frozenset({"no", "und"})), Priority.P2),
        (When(), Priority.P3),
    )
    assert policy.routing == (
        (When(channels=frozenset({"webhook/form"}), risks=frozenset({RiskName.SAFETY})), "safety"),
    )
    assert policy.targets == {
        Priority.P1: {Metric.FIRST_RESPONSE: Target(900, "always", 0.75)},
        Priority.P3: {Metric.RESOLUTION: Target(172_800, "office", 0.75)},
    }
    assert policy.people.priorities == {Priority.P1, Priority.P2}
    assert (policy.people.risks, policy.people.signals) == ({RiskName.SAFETY}, frozenset())
    assert (policy.people.contacted_again_seconds, policy.people.uncertain_negative) == (90, False)
    assert (policy.reopen_window_seconds, policy.retention_days) == (259_200, 365)
    assert (policy.quarantine_days, policy.excerpt_characters) == (14, 0)


def test_ranges_of_days_and_dates_are_spread_and_intervals_ordered() -> None:
    office = example().hours["office"]
    working = [["09:00", "12:00"], ["13:00", "18:00"]]
    assert office["week"] == dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), working) | {"sat": [["22:00", "02:00"]]}
    assert office["days"] == {"2026-01-01": [], "2026-01-02": [], "2026-01-03": [], "2026-01-04": [["09:00", "18:00"]]}


def test_a_range_of_weekdays_may_pass_the_end_of_the_week() -> None:
    week = example("mon-fri:", "sun-tue:").hours["office"]["week"]
    assert set(week) == {"sun", "mon", "tue", "sat"}


@pytest.mark.parametrize(
    ("written", "seconds"), [("1s", 1), ("90s", 90), ("15m", 900), ("4h", 14_400), ("400d", 34_560_000)]
)
def test_a_duration_is_a_number_and_its_unit(written: str, seconds: int) -> None:
    target = example("within: 15m", f"within: {written}").target(Priority.P1, Metric.FIRST_RESPONSE)
    assert target is not None
    assert target.seconds == seconds


def test_never_waits_for_nobody_to_contact_us_again() -> None:
    assert example("contacted_again_after: 90s", "contacted_again_after: never").people.contacted_again_seconds is None


def test_what_has_a_default_may_be_left_out() -> None:
    without = EXAMPLE[: EXAMPLE.index("routing:")] + EXAMPLE[EXAMPLE.index("targets:") :]
    assert load(compile_policy(without)).routing == ()


def test_the_platforms_windows_are_known_unless_the_file_gives_others() -> None:
    policy = example()
    assert policy.reply_window("wechat/flagship", Surface.DIRECT) == Target(172_800, ELAPSED, 0.75)
    assert policy.reply_window("whatsapp/x", Surface.DIRECT) == Target(86_400, ELAPSED, 0.75)
    assert policy.reply_window("wechat/flagship", Surface.COMMENT) is None
    assert policy.reply_window("webhook/form", Surface.DIRECT) is None
    changed = example("warn_at_share:", "reply_windows: {facebook: {comment: 7d}}\nwarn_at_share:")
    assert changed.reply_window("facebook/x", Surface.COMMENT) == Target(604_800, ELAPSED, 0.75)
    assert changed.reply_window("wechat/flagship", Surface.DIRECT) is None
    start = datetime(2026, 3, 14, tzinfo=UTC)
    assert policy.calendars[ELAPSED].add(start, 86_400) == datetime(2026, 3, 15, tzinfo=UTC)


def test_levels_are_those_of_the_file_and_one_where_it_names_none() -> None:
    policy = example(
        "warn_at_share:",
        "escalation:\n  acknowledged_for: 10m\n  levels:\n    P1:\n      - {after: 0m}\n"
        "      - {after: 10m, to: {team: safety, severity: critical}}\nwarn_at_share:",
    )
    assert policy.chain(Priority.P1) == Chain((Level(0), Level(600, "safety", "critical")), 600)
    assert policy.chain(Priority.P2) == Chain()


def test_a_warning_may_come_some_open_time_before_the_deadline() -> None:
    target = example("within: 15m", "within: 15m, warn_before: 3m").target(Priority.P1, Metric.FIRST_RESPONSE)
    assert target == Target(900, "always", 0.8)


def test_the_statuses_that_pause_may_be_fewer() -> None:
    assert example().pausing == {Status.PENDING_CUSTOMER, Status.ON_HOLD}
    assert example("warn_at_share:", "resolution_pauses_in: [on_hold]\nwarn_at_share:").pausing == {Status.ON_HOLD}
    assert example("warn_at_share:", "resolution_pauses_in: []\nwarn_at_share:").pausing == frozenset()


def test_calendars_may_share_their_holidays_by_an_alias() -> None:
    shared = EXAMPLE.replace("days:", "days: &holidays", 1).replace(
        "channels:\n", '  late: {zone: Asia/Shanghai, week: {mon: ["09:00-10:00"]}, days: *holidays}\nchannels:\n', 1
    )
    hours = load(compile_policy(shared)).hours
    assert hours["late"]["days"] == hours["office"]["days"]


def test_the_same_file_gives_the_same_bytes() -> None:
    assert module_text(compile_policy(EXAMPLE)) == module_text(compile_policy(EXAMPLE))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("brands:", "# a comment\nbrands:"),
        ("[safety, legal]", "[legal, safety]"),
        ("15m", "900s"),
        ("{language: zh}", "{language: 'zh'}"),
        ("[P2, P1]", "[P1, P2, P1]"),
    ],
)
def test_what_means_the_same_keeps_the_version(old: str, new: str) -> None:
    assert example(old, new).version == example().version


@pytest.mark.parametrize(("old", "new"), [("15m", "16m"), ("then: P3", "then: P4"), ("青禾", "青禾花")])
def test_what_means_something_else_changes_the_version(old: str, new: str) -> None:
    assert example(old, new).version != example().version
    assert len(example().version) == 12


def test_the_compiled_module_is_one_literal_that_imports_nothing() -> None:
    module = ast.parse(module_text(compile_policy(EXAMPLE)))
    docstring, assignment = module.body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(assignment, ast.Assign)
    assert ast.literal_eval(assignment.value) == compile_policy(EXAMPLE)


def test_build_writes_the_module_that_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(EXAMPLE_FILE), str(tmp_path / "new" / "python")]) == 0
    compiled = runpy.run_path(str(tmp_path / "new" / "python" / "heed_policy.py"))["POLICY"]
    assert load(compiled) == example()
    assert f"valid, version {compiled['version']}, 2 channels" in capsys.readouterr().out


def test_check_says_nothing_is_wrong_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["build", "--check", str(EXAMPLE_FILE)])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(build.__file__), run_name="__main__")
    assert left.value.code == 0
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == ""


def test_check_names_file_and_line_of_every_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(EXAMPLE.replace("calendar: always", "calendar: office-xy").replace("then: P3", "then: P5"), "utf-8")
    assert main(["--check", str(file)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f'{file}:22: priorities.then: "P5" is not a priority; choose from P1, P2, P3, P4',
        f'{file}:27: targets.P1.first_response.calendar: "office-xy" is not a calendar; choose from always, office',
    ]


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", str(tmp_path / "none.yaml")]) == 1
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "latin.yaml").write_bytes(b"brands:\n  caf\xe9: {name: x}\n")
    assert main(["--check", str(tmp_path / "latin.yaml")]) == 1
    assert capsys.readouterr().err.endswith("latin.yaml:2: the file is not UTF-8 text\n")


@pytest.mark.parametrize("arguments", [["f"], ["f", "out", "--check"]])
def test_either_check_or_a_folder_must_be_given(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2


_PATHS = sorted(Source(EXAMPLE).lines, key=str)
_WRONG_SHAPES = st.sampled_from(
    ["", "x", "true", "1", "\x1b[0m", "{}", "\ud800", [], ["x"], {}, {"x": "y"}, [[]], None]
)


@settings(deadline=None, max_examples=50)
@given(path=st.sampled_from([path for path in _PATHS if path]), value=_WRONG_SHAPES)
def test_a_file_bent_anywhere_is_compiled_or_refused_with_a_line(path: tuple[str | int, ...], value: object) -> None:
    source = Source(EXAMPLE)
    holder = source.tree
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    text = _flow(source.tree)
    refused: tuple[Problem, ...] = ()
    try:
        compiled = compile_policy(text)
    except Invalid as error:
        refused = error.problems
    else:
        assert load(compiled).version == compiled["version"]
    assert all(problem.line == 1 and problem.sentence.isprintable() for problem in refused)


def _flow(value: object) -> str:
    """The tree as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return '"' + "".join(f"\\u{ord(c):04x}" for c in value) + '"' if isinstance(value, str) else "~"
