"""Take out of the vendor layer what no function can use: `python prune.py <folder>`.

botocore ships models of more than 400 services and one table of all their endpoints, which it reads when a client
is made. The models kept are those of SERVICES. Of the endpoint table every partition and region stays, China's too,
with the rows of these services only.
"""

import json
import shutil
import sys
from pathlib import Path

SERVICES = frozenset({"dynamodb", "secretsmanager", "sqs", "sns", "ssm"})
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
        if folder.is_dir() and folder.name not in SERVICES:
            remove(folder)


def prune_endpoints(table: Path) -> None:
    endpoints = json.loads(table.read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: rows for name, rows in partition["services"].items() if name in SERVICES}
    table.write_text(json.dumps(endpoints, separators=(",", ":")))


def prune(folder: Path) -> None:
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
    prune_services(folder / "boto3/data")
    prune_services(folder / "botocore/data")
    prune_endpoints(folder / "botocore/data/endpoints.json")


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
