"""The front alone: what serving HTTP costs each of the Python peers before they do anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from front import serve


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    environ["wsgi.input"].read()
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


serve(application)
