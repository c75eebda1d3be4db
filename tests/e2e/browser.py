"""A real browser, steered over the two pipes of its DevTools protocol: Chromium alone, no driver and no port.

What it is asked to measure runs in the browser's own tools, so a page's Content-Security-Policy stays in force.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_SECONDS = 30
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--disable-dev-shm-usage"),
)


def executable() -> str | None:
    """A Chromium on PATH, None if this machine has none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Browser:
    """One tab. `complaints` is what the browser said of the page: broken policies, failed requests, errors."""

    _writes: int
    _reads: int
    _session: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _rest: bytes = b""
    _events: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def visit(self, address: str) -> None:
        with self._loading():
            self.do("Page.navigate", url=address)

    def press(self, selector: str) -> None:
        """Press something that leads to another page, where a finger would."""
        middle = "(b => ({x: b.x + b.width / 2, y: b.y + b.height / 2}))"
        at = self.measure(f"{middle}(document.querySelector('{selector}').getBoundingClientRect())")
        at |= {"button": "left", "clickCount": 1}
        with self._loading():
            self.do("Input.dispatchMouseEvent", type="mousePressed", **at)
            self.do("Input.dispatchMouseEvent", type="mouseReleased", **at)

    def write(self, selector: str, text: str) -> None:
        self.measure(f"document.querySelector('{selector}').focus()")
        self.do("Input.insertText", text=text)

    def screen(self, width: int, height: int, language: str, dark: bool = False) -> None:
        """What the page is seen on: CSS pixels, the browser's language, and the colours its owner likes."""
        self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=width < 600
        )
        self.do("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setEmulatedMedia", features=[feature])

    def measure(self, expression: str) -> Any:
        """The value of a JavaScript expression, evaluated as the developer tools do."""
        answer = self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def picture(self) -> bytes:
        """A PNG of what is on the screen now."""
        return base64.b64decode(self.do("Page.captureScreenshot", format="png")["data"])

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writes, json.dumps(message).encode() + b"\0")
        while (heard := self._hear()).get("id") != number:
            self._events.append(heard)
        assert "error" not in heard, (method, heard["error"])
        result: dict[str, Any] = heard["result"]
        return result

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """Within the block something navigates; the block ends when the page it leads to is loaded."""
        self._events.clear()
        yield
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._events.append(self._hear())
        entries = [event["params"]["entry"] for event in self._events if event["method"] == "Log.entryAdded"]
        self.complaints += [f"{entry['text']} {entry.get('url', '')}" for entry in entries]

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            self._rest += os.read(self._reads, 1 << 20) or _gone()
        line, _, self._rest = self._rest.partition(b"\0")
        heard: dict[str, Any] = json.loads(line)
        return heard


def _gone() -> bytes:
    raise RuntimeError("the browser ended")


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """A browser with a fresh profile in `folder`, ended with the block."""
    program = executable()
    assert program is not None
    to_browser, from_us = os.pipe()
    to_us, from_browser = os.pipe()
    # The browser reads commands on 3 and answers on 4; a shell puts the pipes there.
    start = ["bash", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "bash", program]
    process = subprocess.Popen(
        [*start, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"],
        pass_fds=(to_browser, from_browser),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    try:
        browser = Browser(from_us, to_us)
        target = browser.do("Target.createTarget", url="about:blank")["targetId"]
        browser._session = browser.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log"):
            browser.do(f"{domain}.enable")
        yield browser
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
        if process.poll() is None:
            process.kill()
        os.close(from_us)
        os.close(to_us)
