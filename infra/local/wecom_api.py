"""WeCom's API on 127.0.0.1, as far as Heed asks it: for the local stack, whose WeCom is nowhere else, and for tests.

    with WecomApi() as wecom:
        wecom.lay("wkAccount", [item, ...])     # or POST /lay {"items": [item, ...]}
        Pull, given wecom.url, finds it there

It gives out access tokens and pages by cursor as the real one does: a page may be short or empty while more lies behind
it, the oldest three days come first, and a wrong token, secret or cursor has the real one's errcode.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlsplit

READABLE_SECONDS = 3 * 24 * 3600
TOKEN_SECONDS = 7200

Answer = dict[str, Any]


@dataclass
class WecomApi:
    """The server. `page` is the most a page holds; `asked` are the questions so far, by path.

    `corps` are the secrets by corpid, any if empty. `faults`, each taken once before all else, see the path and may
    give another answer: a mapping, or status and bytes; None leaves it as it is. A laid None takes a place of a page
    and is not shown.
    """

    page: int = 1000
    corps: dict[str, str] = field(default_factory=dict)
    faults: list[Callable[[str], Any]] = field(default_factory=list)
    asked: list[tuple[str, Answer]] = field(default_factory=list)
    _lying: dict[str, list[Answer | None]] = field(default_factory=dict)
    _tokens: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                where = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(where.query).items()}
                status, content = api._answer(where.path, query, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Questions hold tokens: nothing is logged."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """Who asked is gone: it had waited long enough."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> WecomApi:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Safe to call again."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def lay(self, source: str, items: Iterable[Answer | None]) -> None:
        with self._lock:
            self._lying.setdefault(source, []).extend(items)

    def expire_tokens(self) -> None:
        """From now on every access token given out so far is an expired one."""
        self._tokens.clear()

    def pages(self) -> list[Answer]:
        """The questions for messages so far."""
        return [question for path, question in self.asked if path == "/cgi-bin/kf/sync_msg"]

    def _answer(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        question: Any = json.loads(body) if body else query
        if path == "/lay":
            for item in question["items"]:
                self.lay(item.get("open_kfid") or item["event"]["open_kfid"], [item])
            return 200, b"{}"
        with self._lock:
            self.asked.append((path, question))
            fault = self.faults.pop(0) if self.faults else None
        found = fault(path) if fault else None
        if isinstance(found, tuple):
            return found
        ways = {"/cgi-bin/gettoken": self._gettoken, "/cgi-bin/kf/sync_msg": self._sync_msg}
        if path not in ways:
            return 404, b""
        answer = {"errcode": 0, "errmsg": "ok"} | (ways[path](query, question) if found is None else found)
        return 200, json.dumps(answer, ensure_ascii=False).encode()

    def _gettoken(self, query: dict[str, str], _: Answer) -> Answer:
        known = self.corps.get(query.get("corpid", "")) if self.corps else query.get("corpsecret")
        if not known or query.get("corpsecret") != known:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        token = token_urlsafe(32)
        self._tokens.add(token)
        return {"access_token": token, "expires_in": TOKEN_SECONDS}

    def _sync_msg(self, query: dict[str, str], question: Answer) -> Answer:
        if query.get("access_token") not in self._tokens:
            return {"errcode": 42001, "errmsg": "access_token expired"}
        with self._lock:
            lying = list(self._lying.get(question.get("open_kfid", ""), ()))
        start = self._start(lying, question.get("cursor", ""))
        if start is None:
            return {"errcode": 40058, "errmsg": "invalid cursor"}
        end = min(len(lying), start + min(self.page, int(question.get("limit", 1000))))
        shown = [item for item in lying[start:end] if item is not None]
        return {"next_cursor": f"at-{end}", "has_more": int(end < len(lying)), "msg_list": shown}

    @staticmethod
    def _start(lying: list[Answer | None], cursor: str) -> int | None:
        if cursor:
            place = cursor.removeprefix("at-")
            return int(place) if place.isdigit() and int(place) <= len(lying) else None
        oldest = time.time() - READABLE_SECONDS
        fresh = (index for index, item in enumerate(lying) if item is None or item.get("send_time", oldest) >= oldest)
        return next(fresh, len(lying))
