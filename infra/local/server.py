"""The emulator as a process: started on a free port of 127.0.0.1, and always ended."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from infra.local import paths

READY_SECONDS = 30
STOP_SECONDS = 10


class NotStarted(RuntimeError):
    """The emulator ended, or did not answer in READY_SECONDS; the message holds the end of its log."""


def free_port(wanted: int) -> int:
    """`wanted`, or any free port when it is 0. Raises NotStarted when `wanted` is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise NotStarted(f"port {wanted} of 127.0.0.1 is already in use") from error
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A running emulator. It also ends by itself when this process is gone: its stdin is our pipe."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        """`folder` holds the log, the mails and the temporary folders of the functions; it is created."""
        if not paths.SERVER_PYTHON.exists() or not paths.FUNCTION_PYTHON.exists():
            raise NotStarted("the local stack is not installed: run `make local-stack`")
        self.port = free_port(port)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.folder = folder.resolve()
        self.log = self.folder / "server.log"
        self.mails = self.folder / "mails.jsonl"
        self.scratch = self.folder / "tmp"
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        self.mails.unlink(missing_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [paths.SERVER_PYTHON, "-m", "infra.local.emulator"],
                cwd=paths.ROOT,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _environment(self) -> dict[str, str]:
        # AUTH: signatures and IAM policies are enforced. No AWS_ENDPOINT_URL: functions would inherit it.
        return paths.bare_environment() | {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "HOME": str(self.folder),
            "TMPDIR": str(self.scratch),
            "HEED_FUNCTION_PYTHON": str(paths.FUNCTION_PYTHON),
            "HEED_MAIL_LOG": str(self.mails),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError, urllib.error.URLError):
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2).close()  # noqa: S310 # nosec B310
                return
            time.sleep(0.05)
        lines = self.log.read_text("utf-8", errors="replace").splitlines()[-15:]
        raise NotStarted("the emulator did not start:\n" + "\n".join(lines))

    def stop(self) -> None:
        """End the emulator and its functions, and remove their temporary folders. Safe to call again."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
