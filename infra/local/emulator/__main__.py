"""Run the emulator until SIGTERM, or until the process that started it is gone (its end of our stdin closes)."""

import os
import shutil
import signal
import sys
import threading
from importlib.metadata import version

from infra.local.emulator import MINISTACK_VERSION


def end_with_the_parent() -> None:
    """Even when the parent is killed outright, no server and no function process stays behind."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    if version("ministack") != MINISTACK_VERSION:
        raise SystemExit(f"the emulator is written for ministack {MINISTACK_VERSION}: re-check every patch first")
    from infra.local.emulator import clocks, functions, http_api, notices, permissions, resources, streams

    for module in (resources, permissions, http_api, functions, streams, notices, clocks):
        module.install()
    threading.Thread(target=end_with_the_parent, daemon=True).start()
    from ministack.app import main as serve  # type: ignore[import-not-found]

    sys.argv = ["ministack"]
    try:
        serve()
    finally:
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)


if __name__ == "__main__":
    main()
