"""A plain HTTP server in front of a WSGI application: the same, on the standard library alone, for each that is Python.

One thread, connections kept open, 127.0.0.1 only. Prints its port; ends when its standard input is closed.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def serve(application: Application) -> None:
    class Front(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # one packet an answer, so that no delayed acknowledgement is waited for

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            path, _, query = self.path.partition("?")
            environ: dict[str, Any] = {
                "REQUEST_METHOD": "POST",
                "SCRIPT_NAME": "",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_LENGTH": str(len(body)),
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(body),
                "wsgi.errors": sys.stderr,
                "wsgi.multithread": False,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }
            environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
            environ["CONTENT_TYPE"] = self.headers["Content-Type"]
            answered: list[tuple[str, list[tuple[str, str]]]] = []
            parts = application(environ, lambda status, headers, *_: answered.append((status, headers)))
            content = b"".join(parts)
            status, headers = answered[0]
            self.send_response(int(status.split()[0]))
            for name, value in headers:
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the benchmark prints."""

    server = HTTPServer(("127.0.0.1", 0), Front)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
