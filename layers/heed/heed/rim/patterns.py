"""Regular expressions compiled when the layer is built, not at every start: a seventh of one is urllib3's alone.

`re` cannot keep what it compiled. `python -P patterns.py MODULE...` writes what its compiler makes of each pattern that
importing the modules compiles, as the module `heed_patterns`; `install` puts that in the place of the work. What was
compiled for another engine, or not at all, `re` compiles as ever.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

# CPython's own parts: ENGINE and the tests hold them to their word.
_SRE: Any = import_module("_sre")
_COMPILER: Any = import_module("re._compiler")

ENGINE = (_SRE.MAGIC, _SRE.CODESIZE, sys.byteorder)
"""What a compiled pattern depends on beside itself."""

Pattern = tuple[str | bytes, int]
"""The pattern and the flags it is compiled with."""

Compiled = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
"""All flags, the engine's words, how many groups, each name's group, each group's name."""

Kept = tuple[tuple[int, int, str], Mapping[Pattern, Compiled]]
"""Compiled patterns, and the engine they are for."""


def compiled(pattern: str | bytes, flags: int) -> Compiled:
    """What the compiler makes of a pattern. Raises re.error."""
    parsed = _COMPILER._parser.parse(pattern, flags)
    state, words = parsed.state, array("I", _COMPILER._code(parsed, flags))
    names = {number: name for name, number in state.groupdict.items()}
    return (
        flags | state.flags,
        words.tobytes(),
        state.groups - 1,
        dict(state.groupdict),
        tuple([names.get(number) for number in range(state.groups)]),
    )


def met(modules: Iterable[str]) -> dict[Pattern, Compiled]:
    """What importing these modules compiles, of what no module before them did."""
    found: dict[Pattern, Compiled] = {}
    compile_ = _COMPILER.compile

    def noting(pattern: Any, flags: int = 0) -> Any:
        if isinstance(pattern, str | bytes) and not flags & re.DEBUG:
            found[pattern, int(flags)] = compiled(pattern, int(flags))
        return compile_(pattern, flags)

    _COMPILER.compile = noting
    try:
        for module in modules:
            import_module(module)
    finally:
        _COMPILER.compile = compile_
    return found


def kept(found: Mapping[Pattern, Compiled]) -> Kept:
    return ENGINE, dict(sorted(found.items(), key=repr))


def install(patterns: Kept) -> bool:
    """Take these patterns as compiled from now on; False if they are of another engine."""
    engine, found = patterns
    if engine != ENGINE:
        return False
    compile_ = _COMPILER.compile

    def known(pattern: Any, flags: int = 0) -> Any:
        made = found.get((pattern, flags)) if isinstance(pattern, str | bytes) else None
        if made is None:
            return compile_(pattern, flags)
        every, words, groups, numbers, names = made
        return _SRE.compile(pattern, every, memoryview(words).cast("I").tolist(), groups, numbers, names)

    _COMPILER.compile = known
    return True


if __name__ == "__main__":
    print(f"PATTERNS = {kept(met(sys.argv[1:]))!r}")
