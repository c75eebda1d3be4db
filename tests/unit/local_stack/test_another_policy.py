"""A stack can be built with another policy file than the layer's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from infra.demo.__main__ import POLICY
from infra.local import paths
from infra.local.build import digest

TEMPLATE = paths.ROOT / "template.yaml"


def test_a_build_with_another_policy_is_another_build(tmp_path: Path) -> None:
    mine = tmp_path / "policy.yaml"
    mine.write_text("one")
    names = {digest(TEMPLATE), digest(TEMPLATE, mine)}
    mine.write_text("two")
    assert len(names | {digest(TEMPLATE, mine)}) == 3


def test_the_policy_layer_is_built_from_the_file_that_is_named(tmp_path: Path) -> None:
    command = ["make", "-f", str(paths.ROOT / "layers/policy/Makefile"), "build-Policy", f"ARTIFACTS_DIR={tmp_path}"]
    settings = [f"HEED_POLICY={POLICY}", f"HEED_PYTHON={paths.PYTHON}"]
    subprocess.run([*command, *settings], cwd=tmp_path, env=paths.tool_environment(), check=True, capture_output=True)
    assert "wechat/members-cn" in (tmp_path / "python/heed_policy.py").read_text("ascii")
