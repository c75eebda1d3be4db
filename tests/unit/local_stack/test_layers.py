"""The layers as make builds them for this machine, read by an interpreter that has nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from botocore import xform_name

from infra.local import paths
from layers.vendor import prune
from tests.in_memory import template

UNCHECKED_HASH = 0b01  # PEP 552: a hash instead of a date, believed without looking at the source

HOSTS = """
import json, botocore.session
session = botocore.session.Session()
session.set_credentials("key", "secret")
hosts = {}
for partition in session.get_available_partitions():
    for region in session.get_available_regions("dynamodb", partition):
        for service in ("dynamodb", "secretsmanager", "sqs", "sns", "ssm"):
            hosts[f"{service}/{region}"] = session.create_client(service, region_name=region).meta.endpoint_url
print(json.dumps(hosts))
"""
SHAPES = """
import json, sys, botocore.session
session = botocore.session.Session()
found = {}
def told(shape):
    if shape is None or shape.name in found: return shape and shape.name
    found[shape.name] = None
    parts = dict(getattr(shape, "members", {}))
    parts |= {name: getattr(shape, name) for name in ("member", "key", "value") if hasattr(shape, name)}
    required = shape.required_members if shape.type_name == "structure" else []
    parts = {name: told(part) for name, part in sorted(parts.items())}
    found[shape.name] = [shape.type_name, required, shape.metadata.get("enum"), str(shape.serialization), parts]
    return shape.name
for service, operations in json.loads(sys.argv[1]).items():
    model = session.get_service_model(service)
    for name in operations:
        operation = model.operation_model(name)
        errors = [told(error) for error in operation.error_shapes]
        found[f"{service}/{name}"] = [operation.http, told(operation.input_shape), told(operation.output_shape), errors]
print(json.dumps(found, sort_keys=True))
"""
USED = """
import boto3, pydantic, defusedxml.ElementTree
import aws_lambda_powertools.metrics, aws_lambda_powertools.utilities.batch
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
Cipher(algorithms.AES(bytes(32)), modes.CBC(bytes(16))).encryptor().update(bytes(16))
class Model(pydantic.BaseModel): text: str
Model(text="x")
boto3.client("ssm", region_name="cn-north-1")
boto3.resource("dynamodb", region_name="cn-north-1")
"""


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("vendor", tmp_path_factory.mktemp("vendor"))


@pytest.fixture(params=["heed", "vendor"])
def layer(request: pytest.FixtureRequest, vendor: Path, tmp_path: Path) -> Path:
    return vendor if request.param == "vendor" else build("heed", tmp_path)


def build(name: str, artifacts: Path) -> Path:
    """As sam does: from elsewhere, with no tool of ours on PATH but make."""
    folder = paths.ROOT / "layers" / name
    env = {**os.environ, "HEED_PYTHON": paths.PYTHON, "HEED_ARCH": paths.ARCH, "ARTIFACTS_DIR": str(artifacts)}
    env.pop("MAKEFLAGS", None)
    command = ["make", "--makefile", str(folder / "Makefile"), f"build-{name.capitalize()}"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return artifacts / "python"


def run(layer: Path, code: str, *arguments: str) -> str:
    """Run the code on the bare interpreter of functions, with this layer and nothing else."""
    env = {"PYTHONPATH": str(layer), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(paths.FUNCTION_PYTHON), "-c", code, *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_has_bytecode_that_outlives_packaging(layer: Path) -> None:
    sources = list(layer.rglob("*.py"))
    assert sources
    tag = f"cpython-{paths.PYTHON.replace('.', '')}"
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
        assert int.from_bytes(compiled.read_bytes()[4:8], "little") == UNCHECKED_HASH, source
    assert len(list(layer.rglob("*.pyc"))) == len(sources)


def test_two_builds_are_the_same_to_the_byte(tmp_path: Path) -> None:
    first, second = (build("heed", tmp_path / name) for name in ("first", "second"))
    files = [path.relative_to(first) for path in sorted(first.rglob("*")) if path.is_file()]
    assert files == [path.relative_to(second) for path in sorted(second.rglob("*")) if path.is_file()]
    assert all((first / path).read_bytes() == (second / path).read_bytes() for path in files)


def test_all_that_functions_use_is_in_the_vendor_layer(vendor: Path) -> None:
    run(vendor, USED)


def test_a_start_finds_the_patterns_of_the_vendor_layer_compiled(vendor: Path) -> None:
    code = "from heed_patterns import PATTERNS; engine, found = PATTERNS; print(engine, len(found))"
    engine, count = run(vendor, code).rsplit(" ", 1)
    assert int(count) > 60
    assert engine == run(vendor, "import _sre, sys; print((_sre.MAGIC, _sre.CODESIZE, sys.byteorder))").strip()


def test_time_zones_are_those_of_the_vendor_layer(vendor: Path) -> None:
    told = template()["Globals"]["Function"]["Environment"]["Variables"]["PYTHONTZPATH"]
    assert (vendor / Path(told).relative_to("/opt/python") / "Asia/Shanghai").read_bytes().startswith(b"TZif")


def test_the_pruned_botocore_knows_the_same_hosts_in_every_partition(vendor: Path) -> None:
    pruned = json.loads(run(vendor, HOSTS))
    whole = subprocess.run([paths.ROOT / ".venv/bin/python", "-c", HOSTS], capture_output=True, text=True, check=True)
    assert pruned == json.loads(whole.stdout)
    assert pruned["sqs/cn-north-1"] == "https://sqs.cn-north-1.amazonaws.com.cn"
    assert pruned["sqs/us-east-1"] == "https://sqs.us-east-1.amazonaws.com"


def test_the_layer_has_just_the_operations_that_functions_call() -> None:
    called: set[str] = set()
    for path in [*paths.ROOT.glob("functions/*/*.py"), *paths.ROOT.glob("layers/heed/heed/rim/*.py")]:
        called |= set(re.findall(r"client(?:\(\))?\.([a-z_]+)\b", path.read_text(encoding="utf-8")))
    kept = [name for names in prune.OPERATIONS.values() for name in names]
    assert called == {xform_name(name) for name in kept}


def test_what_is_kept_of_an_operation_is_all_that_botocore_knows_of_it(vendor: Path) -> None:
    wanted = json.dumps({service: sorted(names) for service, names in prune.OPERATIONS.items()})
    pruned = json.loads(run(vendor, SHAPES, wanted))
    command = [str(paths.ROOT / ".venv/bin/python"), "-c", SHAPES, wanted]
    whole = subprocess.run(command, capture_output=True, text=True, check=True)
    assert pruned == json.loads(whole.stdout)
    assert len(pruned) > 150


def test_the_vendor_layer_is_small(vendor: Path) -> None:
    """Lambda allows 250 MB unzipped, and reads what is there at every cold start."""
    total = sum(path.stat().st_size for path in vendor.rglob("*") if path.is_file())
    assert total < 42_000_000
    assert not [path for path in vendor.rglob("*") if path.name in ("tests", "RECORD", "bin")]
