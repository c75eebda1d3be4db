"""AWS as moto has it, and a desk that answers what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.credentials import Credentials
from moto import mock_aws

from infra.heedctl.target import Target

KEYS = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


@dataclass
class FakeDesk:
    """Answers each request with what `answer` says of its path; keeps what it was asked."""

    answer: Callable[[str], tuple[int, Any]] = lambda path: (200, {})
    asked: list[dict[str, Any]] = field(default_factory=list)
    base: str = ""


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    fake = FakeDesk()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            fake.asked.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
            status, document = fake.answer(self.path)
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = handle_any

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch, desk: FakeDesk) -> Iterator[Target]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        session = boto3.Session(*KEYS, region_name="eu-west-1")
        topic = session.client("sns").create_topic(Name="notices")["TopicArn"]
        queue = session.client("sqs").create_queue(QueueName="escalations")["QueueUrl"]
        yield Target(
            name="heed",
            region="eu-west-1",
            base=desk.base,
            outputs={"SecretsPrefix": "/heed/channels", "NoticesTopicArn": topic, "EscalationsQueueUrl": queue},
            client=cache(lambda service: session.client(service)),  # type: ignore[call-overload]
            credentials=lambda: Credentials(*KEYS),
        )
