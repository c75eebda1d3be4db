"""The page behind a notice's link in a real browser, from the deployed stack: pictures, measures, a pressed button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heed import cases, links
from heed.model import Case
from heed.rim.store import Change, Table
from infra.heedctl import posting
from infra.local import paths
from tests.e2e import browser
from tests.e2e.browser import Browser
from tests.e2e.conftest import Played

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(browser.executable() is None, reason=f"no browser on PATH: one of {', '.join(browser.NAMES)}"),
]

PICTURES = paths.HOME / "screenshots"
PHONE, DESKTOP = (360, 740), (1280, 800)
FINGER = 44  # CSS pixels, the smallest target of WCAG 2.5.5


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with browser.open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def case(played: Played) -> Case:
    """A case of the day as it is now, with nobody's acknowledgement."""
    (fate,) = played.facts.fates["wechat/regulator-again"]
    table = Table(played.target.client("dynamodb"), played.target.output("TableName"), keep_days=30)
    assert fate.case is not None
    now = table.load(fate.case.key)
    assert now is not None
    if now.acknowledged_by:
        free = cases.note(replace(now, acknowledged_by="", acknowledged_at=None), datetime.now(UTC))
        table.save(Change(now, free))
        return free
    return now


@pytest.fixture
def address(played: Played, case: Case) -> str:
    """The case's page, under the deployed secret."""
    key = played.stack.client("secretsmanager").get_secret_value(SecretId=played.stack.resource("LinkKey"))
    token = links.sign(case.id, datetime.now(UTC) + timedelta(hours=1), key["SecretString"].encode())
    return f"{played.target.base}/case/{token}"


def fits(tab: Browser) -> bool:
    """Whether nothing sticks out to the right of the screen."""
    widest = "Math.max(...[...document.querySelectorAll('*')].map(e => e.getBoundingClientRect().right))"
    return bool(tab.measure(f"document.documentElement.scrollWidth <= innerWidth && {widest} <= innerWidth"))


def photograph(tab: Browser, name: str, size: tuple[int, int]) -> None:
    picture = tab.picture()
    (PICTURES / f"{name}.png").write_bytes(picture)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (2 * size[0], 2 * size[1])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_page_fits_the_screen_and_its_buttons_a_finger(
    size: tuple[int, int], language: str, dark: bool, tab: Browser, address: str, case: Case
) -> None:
    tab.screen(*size, language, dark)
    tab.visit(address)
    photograph(tab, f"{language}-{size[0]}-{'dark' if dark else 'light'}", size)
    assert fits(tab)
    assert tab.measure("document.documentElement.lang") == language
    assert case.id in tab.measure("document.body.innerText")
    box = tab.measure("(b => [b.top, b.bottom, b.height])(document.querySelector('button').getBoundingClientRect())")
    assert 0 < box[0] < box[1] < size[1], "the button is on the first screen"
    assert box[2] >= FINGER
    assert tab.measure("document.querySelector('nav > a').href").endswith(f"/cases/{case.id}")
    assert tab.measure("document.querySelector('nav > a').getBoundingClientRect().height") >= FINGER
    assert tab.measure("document.querySelector('input').getBoundingClientRect().height") >= FINGER
    assert tab.measure("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)") >= 24


def test_its_style_is_in_force_under_its_own_security_policy(tab: Browser, address: str) -> None:
    tab.screen(*PHONE, "en")
    tab.complaints.clear()
    tab.visit(address)
    assert tab.measure("getComputedStyle(document.querySelector('main')).display") == "grid"
    assert [said for said in tab.complaints if "favicon" not in said] == []


def test_a_script_that_somebody_got_into_the_page_would_not_run(tab: Browser, address: str) -> None:
    tab.visit(address)
    tab.measure("document.body.appendChild(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    assert tab.measure("window.ran === undefined")


def test_pressing_the_button_acknowledges_and_shows_it(tab: Browser, address: str, case: Case, played: Played) -> None:
    table = posting.table_of(played.target)
    tab.screen(*PHONE, "en")
    tab.visit(address)
    assert table.load(case.key) == case
    tab.write("input", "Li Wei")
    tab.press("button")
    photograph(tab, "acknowledged-en-360-light", PHONE)
    assert tab.measure("location.href") == address
    assert "Acknowledged by Li Wei (link)" in tab.measure("document.body.innerText")
    assert tab.measure("document.querySelector('form')") is None
    after = table.load(case.key)
    assert after is not None
    assert after.acknowledged_by == "Li Wei (link)"


def test_a_link_that_opens_nothing_is_told_in_both_languages(tab: Browser, address: str) -> None:
    tab.screen(*PHONE, "en")
    tab.visit(address.rpartition("/")[0] + "/" + "0" * 34)
    photograph(tab, "gone-360-light", PHONE)
    assert fits(tab)
    text = tab.measure("document.body.innerText")
    assert "This link opens nothing" in text
    assert "此链接无效或已过期" in text
