"""The page speaks the reader's language, else the team's, else English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.page import language_of

TABLE = [
    ("", "zh", "zh"),
    ("", "en", "en"),
    ("", "fr", "en"),
    ("zh", "en", "zh"),
    ("zh-CN,zh;q=0.9,en;q=0.8", "en", "zh"),
    ("en-GB,en;q=0.9,zh-CN;q=0.8", "zh", "en"),
    ("fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.4", "en", "zh"),
    ("ZH-Hant-TW", "en", "zh"),
    ("en;q=0.3, zh;q=0.7", "en", "zh"),
    ("en ; q=0.3 , zh ; q=0.7", "en", "zh"),
    ("zh,en", "en", "zh"),
    ("de-DE,de;q=0.9", "zh", "zh"),
    ("*", "zh", "zh"),
    ("zh;q=0", "en", "en"),
    ("zh;q=0,en;q=0", "zh", "zh"),
    ("zh;q=nan", "en", "en"),
    ("zh;q=inf,en;q=0.1", "zh", "en"),
    ("zh;q=7,en;q=0.1", "zh", "en"),
    ("zh;level=1,en;q=0.1", "zh", "en"),
    ("zhongwen", "en", "en"),
]


@pytest.mark.parametrize(("header", "team", "spoken"), TABLE)
def test_the_language_is_the_browsers_favourite_else_the_teams(header: str, team: str, spoken: str) -> None:
    assert language_of(header, team) == spoken


@given(header=st.text() | st.text("zhen;q=0.19,-* "))
def test_no_header_breaks_it(header: str) -> None:
    assert language_of(header, "zh") in ("en", "zh")
