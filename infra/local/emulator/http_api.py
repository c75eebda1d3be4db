"""HTTP APIs: the event and the failure answer as AWS gives them."""

import time
import uuid
from typing import Any

from ministack.services import apigateway  # type: ignore[import-not-found]


def complete(event: dict[str, Any]) -> None:
    """Forwarding headers, the cookies list, and no `pathParameters` where the route has none (format 2.0)."""
    headers = event["headers"]
    if "cookie" in headers:
        event["cookies"] = headers.pop("cookie").split("; ")
    if event.get("pathParameters") is None:
        event.pop("pathParameters", None)
    trace = f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"
    for name, value in (
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
        ("x-amzn-trace-id", trace),
    ):
        headers.setdefault(name, value)


def complete_events() -> None:
    run = apigateway.run_reentrant

    async def run_completed(function: Any, *args: Any, **more: Any) -> Any:
        if more.get("thread_name") == "ministack-apigw-invoke" and args[1].get("version") == "2.0":
            complete(args[1])
        return await run(function, *args, **more)

    apigateway.run_reentrant = run_completed


def hide_what_a_function_raised() -> None:
    """A function that raises is a plain 500 to the caller, who learns no more than that."""
    execute = apigateway.handle_execute

    async def handle_execute(*args: Any, **more: Any) -> Any:
        status, headers, body = await execute(*args, **more)
        if status == 502 and b'"errorType"' in (body or b""):
            return 500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}'
        return status, headers, body

    apigateway.handle_execute = handle_execute


def install() -> None:
    complete_events()
    hide_what_a_function_raised()
