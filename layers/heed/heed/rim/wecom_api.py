"""WeCom's API as far as Heed asks it: for an access token, and for what lies at a customer service account.

An answer is bounded in size and time, a redirect is not followed (the address holds the access token), and no error
holds anything of a question or an answer.

Rules: WeCom's documents 获取access_token (path/91039), 接收消息和事件 (path/94670), 全局错误码 (path/90313).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlencode, urlsplit

from heed.platforms import Secret, Unreadable, fields
from heed.values import Value

# Of at most 1000: what was read before a crash is read again, and a run must have time for a whole page.
PAGE = 100
ANSWER_BYTES = 8 * 1024 * 1024
ANSWER_SECONDS = 8
CURSOR_CHARACTERS = 1024
SPARE = timedelta(minutes=5)

_EXPIRED = ("errcode_40014", "errcode_42001")
_WRONG_KEY = ("errcode_40001", "errcode_40013")
_TOO_OFTEN = "errcode_45009"


class Refused(Exception):
    """WeCom did not answer as asked. `code` is fit for a log; `wait_seconds` is how long to leave it alone."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.wait_seconds = 60 if code == _TOO_OFTEN else 15


class Page(Value):
    """What lay there, oldest first; the cursor behind it, "" if WeCom named none; whether more lies there."""

    items: tuple[object, ...]
    cursor: str
    more: bool


class _Access(Value):
    token: str
    until: datetime


class WecomApi:
    """The API at `base`, an http or https address. Access tokens are kept until shortly before they expire."""

    def __init__(self, base: str, clock: Callable[[], datetime]) -> None:
        self._base = urlsplit(base)
        self._clock = clock
        self._known: dict[tuple[str, str], _Access] = {}

    def page(self, secrets: Sequence[Secret], source: str, cursor: str, token: str) -> Page:
        """What lies at `source` behind `cursor`, "" for the oldest of three days. Raises Refused.

        `token` is the callback's; without one WeCom lets itself be asked less often. Of `secrets` the first that
        opens the API is taken.
        """
        question = {"cursor": cursor, "token": token, "open_kfid": source}
        asked = {"limit": PAGE, "voice_format": 0} | {name: text for name, text in question.items() if text}
        body = json.dumps(asked).encode()
        key, access = self._opened(secrets)
        try:
            return _page(self._ask("POST", "kf/sync_msg", {"access_token": access}, body), cursor)
        except Refused as refused:
            if refused.code not in _EXPIRED:
                raise
        self._known.pop(key, None)
        _, access = self._opened(secrets)
        return _page(self._ask("POST", "kf/sync_msg", {"access_token": access}, body), cursor)

    def _opened(self, secrets: Sequence[Secret]) -> tuple[tuple[str, str], str]:
        """The first of the secrets that opens the API, and its access token."""
        refusal = Refused("unconfigured")
        for secret in secrets:
            key = (secret.get("corpid", ""), secret.get("secret", ""))
            if not all(key):
                continue
            try:
                return key, self._access(key)
            except Refused as refused:
                if refused.code not in _WRONG_KEY:
                    raise
                refusal = refused
        raise refusal

    def _access(self, key: tuple[str, str]) -> str:
        now = self._clock()
        known = self._known.get(key)
        if known is None or now >= known.until:
            found = self._ask("GET", "gettoken", {"corpid": key[0], "corpsecret": key[1]})
            token, seconds = found.get("access_token"), found.get("expires_in")
            if not isinstance(token, str) or not token or not isinstance(seconds, int) or not 0 < seconds < 10**6:
                raise Refused("shape")
            known = self._known[key] = _Access(token, now + timedelta(seconds=seconds) - SPARE)
        return known.token

    def _ask(self, method: str, path: str, query: Mapping[str, str], body: bytes | None = None) -> dict[str, object]:
        """The answer to one question, its errcode looked at. Raises Refused."""
        secure = self._base.scheme == "https"
        connection = (HTTPSConnection if secure else HTTPConnection)(self._base.netloc, timeout=ANSWER_SECONDS)
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            connection.request(method, f"/cgi-bin/{path}?{urlencode(query)}", body, headers)
            content = _content(connection.getresponse(), time.monotonic() + ANSWER_SECONDS)
        except (OSError, HTTPException) as error:
            raise Refused("timeout" if isinstance(error, TimeoutError) else "unreachable") from None
        finally:
            connection.close()
        return _answer(content)


def _content(answer: HTTPResponse, deadline: float) -> bytes:
    if answer.status != 200:
        raise Refused(f"http_{answer.status}")
    parts, size = [], 0
    while part := answer.read1(65_536):
        parts.append(part)
        size += len(part)
        if size > ANSWER_BYTES:
            raise Refused("too_large")
        if time.monotonic() > deadline:
            raise Refused("timeout")
    return b"".join(parts)


def _answer(content: bytes) -> dict[str, object]:
    try:
        found = fields.json_object(content)
    except Unreadable as error:
        raise Refused(error.reason) from None
    code = found.get("errcode")
    if not isinstance(code, int) or not -1 <= code < 10**7:
        raise Refused("shape")
    if code:
        raise Refused(f"errcode_{code}")
    return found


def _page(found: Mapping[str, object], cursor: str) -> Page:
    items, following = found.get("msg_list"), found.get("next_cursor")
    items, following = [] if items is None else items, "" if following is None else following
    if not isinstance(items, list) or not isinstance(following, str) or len(following) > CURSOR_CHARACTERS:
        raise Refused("shape")
    more = found.get("has_more") == 1
    if more and following in ("", cursor):
        raise Refused("stuck")
    return Page(tuple(items), following, more)
