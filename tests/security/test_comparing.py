"""Statically: what is secret is compared by hmac.compare_digest alone, and nothing ordinary stands in for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("layers/heed/heed/**/*.py"), *ROOT.glob("functions/*/app.py")])
SECRETIVE = re.compile(
    r"(?<!verify)secret|signature|signed|digest|hmac|_hex|expected|\bmac|password|(?<![a-z])key_bytes|sorted_sha1"
)
# Names that match and hold no secret: public lists of names, a set of signers' names, the digest of a quarantined body.
PUBLIC = re.compile(r"secret_fields|secrets_prefix|\bDigest\b|digest_worst|EffectKind|noise|SignalName")
VERIFIERS = re.compile(r"heed/(platforms/|links\.py|rim/(vault|link_keys|http|intake)\.py)")


def comparisons(source: str) -> Iterator[tuple[int, str]]:
    """Every `==`, `!=`, `in` and `not in` of something that is named like a secret or a signature, by line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
                if not isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn):
                    continue
                if _is_no_content(left) or _is_no_content(right):
                    continue
                whole = isinstance(operator, ast.Eq | ast.NotEq) or isinstance(right, ast.Tuple | ast.List | ast.Set)
                # `name in secret` looks for a name in a mapping, not at what it holds.
                named = [ast.unparse(side) for side in ((left, right) if whole else (left,))]
                if any(SECRETIVE.search(name) and not PUBLIC.search(name) for name in named):
                    yield node.lineno, ast.unparse(node)


def _is_no_content(side: ast.expr) -> bool:
    """A size, or a value written into the code: neither is a secret's content."""
    return isinstance(side, ast.Constant) or (isinstance(side, ast.Call) and ast.unparse(side.func) == "len")


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if VERIFIERS.search(path.as_posix())], ids=lambda path: path.stem
)
def test_no_secret_or_signature_is_compared_by_equality(path: Path) -> None:
    assert list(comparisons(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "planted",
    [
        "if signature == request.headers['x-signature']: pass",
        "ok = given != hmac_hex(key, body)",
        "ok = secret['token'] == query.get('token')",
        "ok = shown in (secret['token'], secret['old'])",
        "assert expected == signed",
        "ok = query['x'] == sorted_sha1(token, nonce)",
    ],
)
def test_the_search_finds_what_it_looks_for(planted: str) -> None:
    assert len(list(comparisons(planted))) == 1


def test_what_compares_in_constant_time_is_in_two_places() -> None:
    """So that there is little to read: the platforms' shared `same`, and the links of notices."""
    users = {path.relative_to(ROOT).as_posix() for path in SOURCES if "compare_digest(" in path.read_text("utf-8")}
    assert users == {"layers/heed/heed/platforms/signatures.py", "layers/heed/heed/links.py"}


def test_no_ordinary_randomness_makes_anything_secret() -> None:
    """`random` may spread rivals over time, and nothing else; ids and keys come from hashes, AWS or `secrets`."""
    users = {
        path.stem for path in SOURCES if re.search(r"^(import|from) random\b", path.read_text("utf-8"), re.MULTILINE)
    }
    assert users == {"recording"}


def test_nothing_runs_text_as_code_or_opens_a_shell() -> None:
    found = [
        (path.name, node.lineno)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and re.fullmatch(
            r"eval|exec|compile|__import__|os\.(system|popen)|subprocess\.\w+|pickle\.loads?|marshal\.loads?|yaml\.load",
            ast.unparse(node.func),
        )
    ]
    assert found == []
