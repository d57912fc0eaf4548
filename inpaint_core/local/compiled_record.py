"""The record of what was compiled: tells without importing numba whether all of it is on disk."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

from inpaint_core.local.own_folders import cache_folder, read_private, write_private

_MOST_BYTES = 1 << 20
SUFFIX = ".machine"
"""What the names of files of compiled code end with."""


def code_folder() -> Path:
    """The folder of the compiled functions, which may not exist yet."""
    return cache_folder() / "compiled"


def record_compiled(sources: Iterable[Path]) -> None:
    """Write down that all functions in these source files are compiled. Raises OSError."""
    folder = code_folder()
    names = sorted(path.name for path in folder.iterdir() if path.suffix == SUFFIX)
    content = {"sources": [[str(path), *_describe_file(path)] for path in sources], "code": names}
    write_private(_find_record(), json.dumps(content).encode())


def is_all_compiled() -> bool:
    """Whether a record of this machine, Python and numba says so, no source file has changed since
    and all of the code is still there. Takes a millisecond.
    """
    try:
        content = json.loads(read_private(_find_record(), _MOST_BYTES))
        same = all(
            [path, *_describe_file(Path(path))] in content["sources"]
            for path, *_ in content["sources"]
        )
        there = {path.name for path in code_folder().iterdir()}
        return bool(content["sources"]) and same and there.issuperset(content["code"])
    except (OSError, ValueError, KeyError, TypeError):  # none, or a damaged one
        return False


def _find_record() -> Path:
    """Named by what the code depends on, besides the source files."""
    spec = importlib.util.find_spec("numba")  # imports nothing
    numba = (
        []
        if spec is None or spec.origin is None
        else [spec.origin, *_describe_file(Path(spec.origin).with_name("_version.py"))]
    )
    # Machines may share a home; each has a processor of its own.
    key = (sys.version, platform.machine(), platform.node(), numba)
    digest = hashlib.sha256(repr(key).encode()).hexdigest()
    return code_folder() / f"all-{digest[:40]}.json"


def _describe_file(path: Path) -> tuple[int, int]:
    """Size and time of change. Raises OSError."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns
