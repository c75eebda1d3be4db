"""The core stands on the standard library alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LAYER = Path(__file__).parents[3] / "layers" / "heed"

PROBE = """
import json, os, sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
__import__(sys.argv[2])
homes = (sys.argv[1], os.path.dirname(os.__file__))
files = {name: getattr(sys.modules[name], "__file__", None) or "" for name in set(sys.modules) - before}
print(json.dumps(sorted(n for n, f in files.items() if f and (not f.startswith(homes) or "site-packages" in f))))
"""


def _strangers(module: str) -> list[str]:
    """Modules that importing `module` loads from outside the layer and the standard library."""
    ran = subprocess.run([sys.executable, "-c", PROBE, str(LAYER), module], capture_output=True, text=True, check=True)
    return list(json.loads(ran.stdout))


@pytest.mark.parametrize(
    "module",
    [
        *("heed", "heed.model", "heed.codec", "heed.cases", "heed.policy", "heed.sla", "heed.timeline", "heed.judge"),
        *("heed.platforms", "heed.announcing", "heed.links", "heed.page"),
    ],
)
def test_importing_loads_nothing_but_heed_and_the_standard_library(module: str) -> None:
    assert _strangers(module) == []


def test_a_third_party_import_would_be_seen() -> None:
    assert "pytest" in _strangers("pytest")
