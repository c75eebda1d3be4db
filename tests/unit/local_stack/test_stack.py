"""Starting, stopping and building, on every way in and out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import build, paths
from infra.local.stack import Stack
from tests.unit.local_stack.pieces import eventually

HOLD = """
import io, json, sys, time, zipfile
from pathlib import Path
from infra.local.stack import Stack, ended_by_signals
code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("app.py", "handler = lambda event, context: __import__('os').getpid()")
with ended_by_signals(), Stack.start(Path(sys.argv[1])) as stack:
    functions = stack.client("lambda")
    role = stack.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName="f", Runtime="python3.13", Handler="app.handler", Role=role, Code={"ZipFile": code.getvalue()}
    )
    function = json.load(functions.invoke(FunctionName="f")["Payload"])
    print(json.dumps([stack.server.process.pid, function]), flush=True)
    time.sleep(60)
"""


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_stays_behind_when_the_owner_ends_by(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(paths.ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True) as owner:
        assert owner.stdout
        processes = json.loads(owner.stdout.readline())
        assert not any(gone(pid) for pid in processes)
        assert (tmp_path / "tmp").exists()
        owner.send_signal(number)
        owner.wait(15)
    eventually(lambda: all(gone(pid) for pid in processes) and not (tmp_path / "tmp").exists())


def test_a_server_that_cannot_start_says_why(stack: Stack, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="already in use"):
        Stack.start(tmp_path, port=stack.server.port)
    assert not (tmp_path / "tmp").exists()


def test_nothing_of_a_real_account_reaches_a_local_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("SAM_CLI_POLL_DELAY", "9")
    for env in (paths.tool_environment(), paths.bare_environment()):
        assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "SAM_CLI_POLL_DELAY"} & env.keys()
        assert env["AWS_ACCESS_KEY_ID"] == "test"


def test_a_build_is_named_by_everything_it_is_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template, code = tmp_path / "template.yaml", tmp_path / "functions/a/app.py"
    code.parent.mkdir(parents=True)
    template.write_text("one")
    code.write_text("one")
    first = build.digest(template)
    (code.parent / "__pycache__").mkdir()
    (code.parent / "__pycache__/app.pyc").write_text("not an input")
    assert build.digest(template) == first
    code.write_text("two")
    names = {first, build.digest(template)}
    template.write_text("two")
    names.add(build.digest(template))
    monkeypatch.setitem(build.MACHINE, "Arch", "another")
    names.add(build.digest(template))
    assert len(names) == 4


def test_a_refused_command_of_sam_says_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(build.CommandFailed, match="nowhere"):
        build.sam("validate", "--template-file", "nowhere.yaml", cwd=tmp_path)


def test_the_state_file_lets_the_command_line_find_the_stack(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra.local import stack as module

    monkeypatch.setattr(paths, "STATE", tmp_path / "local.json")
    assert module.running() is None
    monkeypatch.setattr(stack, "outputs", {"ApiId": "a1"})
    stack.write_state()
    found = module.running()
    assert found
    assert found["endpoint"] == stack.endpoint
    assert found["outputs"] == {"ApiId": "a1"}
    paths.STATE.write_text(json.dumps({**found, "pid": 2**22 + 1}))
    assert module.running() is None
