"""Regular expressions kept from the layer's build: the same to the word as those that `re` compiles."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.rim import patterns

STARTS = ("urllib3", "botocore.session", "botocore.client", "botocore.httpsession", "aws_lambda_powertools")

PIECES = st.sampled_from(
    ["a", "é", "中", "[a-z]", "[^\\W\\d]", "\\bq", "(?P<n>x|yy)", "(?:u+?)", "(z)*", "(?=k)", "(?<!m)", ".{2,5}", "$"]
)
WRITTEN = st.lists(PIECES, min_size=1, max_size=6).map("".join).filter(lambda text: text.count("?P<n>") < 2)
FLAGS = st.sampled_from([0, re.IGNORECASE, re.MULTILINE | re.DOTALL, re.ASCII, re.VERBOSE])


@pytest.fixture
def compile_(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`re`'s own compiler, put back after the test."""
    own = patterns._COMPILER.compile
    monkeypatch.setattr(patterns._COMPILER, "compile", own)
    return own


def test_every_pattern_of_a_start_is_the_one_that_re_compiles(compile_: Any) -> None:
    command = [sys.executable, "-P", str(patterns.__file__), *STARTS]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kept = ast.literal_eval(made.removeprefix("PATTERNS = "))
    assert patterns.install(kept)
    _, found = kept
    assert len(found) > 60
    for pattern, flags in found:
        assert patterns._COMPILER.compile(pattern, flags) == compile_(pattern, flags)
        assert patterns._COMPILER.compile(pattern, flags).groupindex == compile_(pattern, flags).groupindex


@given(WRITTEN, FLAGS, st.booleans())
def test_any_pattern_is_kept_to_the_word(text: str, flags: re.RegexFlag, in_bytes: bool) -> None:
    pattern = text.encode() if in_bytes else text
    own = patterns._COMPILER.compile
    wanted = own(pattern, int(flags))
    try:
        patterns.install(patterns.kept({(pattern, int(flags)): patterns.compiled(pattern, int(flags))}))
        kept = patterns._COMPILER.compile(pattern, int(flags))
    finally:
        patterns._COMPILER.compile = own
    assert (kept, kept.groups, kept.groupindex, kept.flags) == (wanted, wanted.groups, wanted.groupindex, wanted.flags)


def test_a_kept_pattern_is_not_compiled_again_and_another_is_compiled_as_ever(
    compile_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(patterns._COMPILER, "compile", lambda pattern, flags=0: asked.append(pattern))
    patterns.install(patterns.kept({("a+", 0): patterns.compiled("a+", 0)}))
    assert patterns._COMPILER.compile("a+", 0).fullmatch("aaa")
    patterns._COMPILER.compile("a+", re.IGNORECASE.value)
    patterns._COMPILER.compile("b+", 0)
    assert asked == ["a+", "b+"]


def test_patterns_of_another_engine_are_left_alone(compile_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = patterns.kept({("a+", 0): patterns.compiled("a+", 0)})
    monkeypatch.setattr(patterns, "ENGINE", (0, 4, "little"))
    assert not patterns.install(kept)
    assert patterns._COMPILER.compile is compile_
