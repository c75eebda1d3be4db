"""Take out of the vendor layer what no function can use: `python prune.py <folder>`.

botocore ships models of more than 400 services and one table of all their endpoints, which it reads when a client
is made. The models kept are those of OPERATIONS, with these operations and what they need, in plain words of a machine:
documentation is most of a model and read at every start. Of the endpoint table every partition and region stays,
China's too, with the rows of these services only.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

OPERATIONS = {
    "dynamodb": {"BatchGetItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"},
    "secretsmanager": {"GetSecretValue"},
    "sns": {"PublishBatch"},
    "sqs": {"ChangeMessageVisibility", "SendMessageBatch"},
    "ssm": {"GetParameter"},
}
"""Per service all that a function calls; of anything else a client in Lambda has no method."""
METADATA = frozenset({"METADATA", "entry_points.txt", "licenses"})  # importlib.metadata reads the first two
UNUSED = ("bin", "boto3/examples", "pycparser*")  # pycparser: only to build cffi extensions
NEVER_RUN = (
    "*.pyi",
    "py.typed",
    "*.c",
    "*.h",
    "*.pyx",
    "*.pxd",
    "*.min.js",
    "*.min.css",
)  # the last two: Swagger pages


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def prune_services(data: Path) -> None:
    """Folders are services; files, such as the partitions and the retry rules, belong to all."""
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in OPERATIONS:
            remove(folder)


def prune_model(packed: Path, operations: set[str]) -> None:
    """The model of a service with these operations, and of its shapes those that they reach."""
    model = json.loads(gzip.decompress(packed.read_bytes()))
    model["operations"] = {name: model["operations"][name] for name in sorted(operations)}
    left = [shape for each in model["operations"].values() for shape in _shapes(each)]
    reached = {}
    while left:
        name = left.pop()
        if name not in reached:
            reached[name] = model["shapes"][name]
            left += _shapes(reached[name])
    model["shapes"] = {name: reached[name] for name in sorted(reached)}
    packed.with_suffix("").write_text(json.dumps(_undocumented(model), separators=(",", ":")))
    packed.unlink()


def _shapes(part: Any) -> list[str]:
    """Every shape that a part of a model names."""
    if isinstance(part, list):
        return [shape for each in part for shape in _shapes(each)]
    if not isinstance(part, dict):
        return []
    named = [part["shape"]] if isinstance(part.get("shape"), str) else []
    return named + [shape for each in part.values() for shape in _shapes(each)]


def _undocumented(part: Any) -> Any:
    if isinstance(part, list):
        return [_undocumented(each) for each in part]
    if not isinstance(part, dict):
        return part
    # A member may have that name too; documentation is text.
    return {
        key: _undocumented(value)
        for key, value in part.items()
        if not (key == "documentation" and isinstance(value, str))
    }


def prune_endpoints(table: Path) -> None:
    endpoints = json.loads(table.read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: rows for name, rows in partition["services"].items() if name in OPERATIONS}
    table.write_text(json.dumps(endpoints, separators=(",", ":")))


def prune_files(folder: Path) -> None:
    for pattern in UNUSED:
        for path in folder.glob(pattern):
            remove(path)
    for pattern in NEVER_RUN:
        for path in folder.rglob(pattern):
            remove(path)
    for tests in [path for path in folder.rglob("tests") if path.is_dir()]:
        remove(tests)
    for information in folder.glob("*.dist-info"):
        for path in information.iterdir():
            if path.name not in METADATA:
                remove(path)


def prune(folder: Path) -> None:
    prune_files(folder)
    prune_services(folder / "boto3/data")
    prune_services(folder / "botocore/data")
    for service, operations in OPERATIONS.items():
        for packed in (folder / "botocore/data" / service).rglob("service-2.json.gz"):
            prune_model(packed, operations)
    prune_endpoints(folder / "botocore/data/endpoints.json")


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
