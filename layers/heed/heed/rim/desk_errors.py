"""What the desk answers when it does not do what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heed.rim import http


class Refused(Exception):
    """The answer to a request that is not carried out: a status, a code for machines and a sentence for people.

    The sentence holds nothing of the request, so that it can be logged and shown as it is.
    """

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers

    def response(self) -> dict[str, Any]:
        return http.as_json(self.status, {"error": {"code": self.code, "message": self.message}}, self.headers)


def bug(request_id: str) -> dict[str, Any]:
    """The answer to a request that met a bug: an id to look for in the log, and nothing else."""
    sentence = "Something is wrong on our side; tell operations the request id."
    return http.as_json(500, {"error": {"code": "internal", "message": sentence, "request_id": request_id}})


def no_such_case() -> Refused:
    return Refused(404, "not_found", "There is no such case.")


def unavailable() -> Refused:
    return Refused(503, "unavailable", "The cases are out of reach for a moment; try again.", {"retry-after": "1"})
