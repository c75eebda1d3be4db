"""README.md names tests that exist; and the few lines of it that no other test shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from heed.policy.build import compile_policy
from heed.policy.source import Invalid
from tests.in_memory import template

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
NAMED = re.findall(r"`(?:(tests/\w+): )?(test_\w+)`", (HERE / "README.md").read_text("utf-8"))
POLICY = (ROOT / "layers/policy/policy.yaml").read_text("utf-8")


def test_every_test_that_the_threat_model_names_exists() -> None:
    missing = []
    for folder, name in NAMED:
        files = (ROOT / folder).glob("**/test_*.py") if folder else HERE.glob("test_*.py")
        if not any(re.search(rf"def {name}\(", file.read_text("utf-8")) for file in files):
            missing.append(name)
    assert len(NAMED) > 30
    assert missing == []


@pytest.mark.parametrize(
    ("right", "hostile"),
    [
        ("within: 4h", "within: 99999999999999999999h"),
        ("within: 4h", "within: -4h"),
        ("within: 4h", "within: 1e9h"),
        ("within: 4h", "within: " + "9" * 5_000 + "h"),
        ("zone: Europe/London", "zone: ../../../../etc/passwd"),
        ("zone: Europe/London", "zone: /etc/localtime"),
        ("zone: Europe/London", 'zone: "Europe/London\\0"'),
        ("webhook/hotline", "webhook/../../other"),
        ("webhook/hotline", "webhook/(a+)+$"),
        ("webhook/hotline", '"webhook/x\\ny"'),
        ("webhook/hotline", "__proto__"),
        ("keep_days: 365", "keep_days: 99999999999"),
        ("excerpt_characters: 0", "excerpt_characters: 99999999999"),
        ("keep_days: 365", "__class__: {__init__: x}\nkeep_days: 365"),
        ("rotation: [lin, chen, wu]", "rotation: !!python/object/apply:os.system [id]"),
    ],
)
def test_a_hostile_value_is_refused_with_its_line(right: str, hostile: str) -> None:
    assert right in POLICY
    changed = POLICY.replace(right, hostile, 1)
    with pytest.raises(Invalid) as refusal:
        compile_policy(changed)
    line = POLICY[: POLICY.index(right)].count("\n") + 1
    assert line in {problem.line for problem in refusal.value.problems}


def test_only_intake_and_pull_may_read_a_channels_secret() -> None:
    resources = template()["Resources"]
    roles = {
        name for name, found in resources.items() if found["Type"] == "AWS::IAM::Role" and "ssm:" in json.dumps(found)
    }
    assert roles == {"IntakeRole", "PullRole"}


LOCKS = [
    ROOT / "pyproject.lock",
    ROOT / "layers/vendor/requirements.txt",
    *sorted((ROOT / "infra/local").glob("*.txt")),
]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_package_is_locked_with_a_hash(path: Path) -> None:
    """A package without one, or from an address of its own, could be another tomorrow."""
    lines = [
        line
        for line in path.read_text("utf-8").replace("\\\n", " ").splitlines()
        if line.strip() and line[0] not in "# "
    ]
    assert lines
    assert [
        line
        for line in lines
        if not re.match(r"[A-Za-z0-9._-]+(\[[^\]]+\])?==[^ ]+", line) or "--hash=sha256:" not in line
    ] == []
