"""Where everything is, and a clean environment for the programs we start."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".heed"
STATE = HOME / "local.json"  # the running stack, for `heed` on the command line
SERVER_PYTHON = HOME / "server/bin/python"
FUNCTION_PYTHON = HOME / "function/bin/python"
SAM = HOME / "cli/bin/sam"

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"  # functions run here on the Python that is here
ARCH = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
REGION = "us-east-1"
KEY = SECRET = "test"  # noqa: S105 - the emulator's own root, on 127.0.0.1 only


def aws_environment() -> dict[str, str]:
    """The emulator's own keys, and nothing of a real account's profile."""
    return {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def bare_environment() -> dict[str, str]:
    """For the emulator: functions inherit its environment, so nothing of this machine is in it."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return kept | aws_environment()


def tool_environment() -> dict[str, str]:
    """For sam and what it calls: this machine's proxies and package settings, but no AWS or SAM setting."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_", "VIRTUAL_ENV"))}
    kept["PATH"] = f"{SAM.parent}:{ROOT / '.venv/bin'}:{kept.get('PATH', os.defpath)}"
    return kept | aws_environment() | {"SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(HOME / "sam")}
