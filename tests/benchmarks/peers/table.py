"""A table in memory, for what Heed asks of DynamoDB when it keeps a message: in the process, or behind HTTP.

Behind HTTP it stands in for the service itself, which is somebody else's CPU; run as a program it serves on 127.0.0.1,
prints its port and ends when its standard input is closed.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Item = dict[str, dict[str, Any]]


class Refused(Exception):
    """A condition does not hold; the reason of each write."""


class Dictionary:
    """The operations of a client, under its names; conditions are the two that Heed makes."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}

    def get_item(self, *, Key: Item, **_: Any) -> dict[str, Any]:
        found = self.items.get(_place(Key))
        return {"Item": found} if found else {}

    def update_item(self, *, Key: Item, **_: Any) -> dict[str, Any]:
        self.items[_place(Key)] = Key
        return {}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        puts = [write["Put"] for write in TransactItems]
        codes = ["None" if self._holds(put) else "ConditionalCheckFailed" for put in puts]
        if any(code != "None" for code in codes):
            raise Refused(codes)
        self.items.update({_place(put["Item"]): put["Item"] for put in puts})
        return {}

    def _holds(self, put: dict[str, Any]) -> bool:
        condition, old = put.get("ConditionExpression"), self.items.get(_place(put["Item"]))
        if condition is None:
            return True
        if condition == "attribute_not_exists(pk)":
            return old is None
        return old is not None and old["version"] == put["ExpressionAttributeValues"][":version"]


def _place(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    table = Dictionary()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = self.headers["X-Amz-Target"].rpartition(".")[2]
        table = self.table
        operations = {
            "GetItem": table.get_item,
            "UpdateItem": table.update_item,
            "TransactWriteItems": table.transact_write_items,
        }
        status = 200
        try:
            answer = operations[name](**asked)
        except Refused as refused:
            status = 400
            code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
            answer = {"__type": code, "CancellationReasons": [{"Code": code} for code in refused.args[0]]}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the benchmark prints."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
