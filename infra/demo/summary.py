"""What the demo says at its end: counts, how to go on, and whether all went as it should."""

from __future__ import annotations

from collections.abc import Iterable

from infra.demo.expectations import Expectation, Finding, sentence
from infra.demo.facts import Facts
from infra.heedctl.screen import Screen, pad
from infra.local.stack import Stack

_COLUMNS = 62


def counts(facts: Facts, screen: Screen) -> list[str]:
    """The day in figures."""
    rows = (
        ("webhooks sent", str(sum(len(sent.statuses) for sent in facts.sent if sent.step.act != "desk_reply"))),
        ("messages stored", str(facts.stored)),
        ("duplicates ignored", str(facts.counters["Duplicates"])),
        ("events without a message", str(facts.counters["Ignored"])),
        ("forged, refused", str(facts.counters["Refused"])),
        ("unreadable, in quarantine", str(facts.quarantined)),
        ("cases", str(len(facts.cases))),
        ("escalations", str(len(facts.escalations))),
        ("notices of broken promises", str(len(facts.breaches))),
        ("deadline to notice, p50", f"{facts.lag_seconds(0.5):.2f} s"),
        ("deadline to notice, p95", f"{facts.lag_seconds(0.95):.2f} s"),
    )
    return [screen.paint("The day in figures", "bold"), *(f"  {pad(name, 28)}{value}" for name, value in rows)]


def guide(stack: Stack, screen: Screen) -> list[str]:
    """Where to post, and what to type next."""
    commands = (
        ('heed send wechat "你们的牛奶喝完孩子过敏送医院了"', "a customer writes; watch this terminal"),
        ("heed cases", "what waits, the soonest deadline first"),
        ("heed case ID", "one case with its whole timeline"),
        ('heed reply ID "..."', "answer it in time, or too late"),
        ("heed notices", "what on-call staff received"),
        ("heed --help", "all there is"),
    )
    return [
        screen.paint("Heed stays up. In another terminal, in this folder:", "bold"),
        '  export PATH="$PWD/.venv/bin:$PATH"',
        *(f"  {pad(command, 56)}{what}" for command, what in commands),
        "",
        f"Platforms post to  {stack.url('webhooks')}/<platform>/<account>",
        f"The desk is at     {stack.url('desk')}",
        f"AWS tools          AWS_ENDPOINT_URL={stack.endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test",
        "Escalations and notices show here as they come. Ctrl-C ends everything.",
    ]


def verdict(findings: Iterable[tuple[Expectation, Finding]], screen: Screen) -> list[str]:
    """Every expectation with what was measured, and whether all came true."""
    found = list(findings)
    lines = [screen.paint("Expected, and measured", "bold")]
    for expectation, finding in found:
        mark = screen.paint("ok  ", "green") if finding.true else screen.paint("NOT ", "bold", "red")
        lines.append(f"  {mark}{pad(sentence(expectation), _COLUMNS)} {finding.measured}")
    missed = sum(not finding.true for _, finding in found)
    all_true = screen.paint(f"All {len(found)} expectations came true.", "bold", "green")
    return [
        *lines,
        screen.paint(f"{missed} of {len(found)} expectations did not.", "bold", "red") if missed else all_true,
    ]
