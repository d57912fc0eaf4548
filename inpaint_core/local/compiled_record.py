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
    content = {"sources": [[_name(path), *_describe_file(path)] for path in sources], "code": names}
    write_private(_find_record(), json.dumps(content).encode())


def is_all_compiled() -> bool:
    """Whether a record of this machine, Python and numba says so, no source file has changed since
    and all of the code is still there. Takes a millisecond.
    """
    try:
        content = json.loads(read_private(_find_record(), _MOST_BYTES))
        same = all(
            [name, *_describe_file(_find_root() / name)] in content["sources"]
            for name, *_ in content["sources"]
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
        else [_name(Path(spec.origin)), *_describe_file(_find_version_file(Path(spec.origin)))]
    )
    # Machines may share a home; each has a processor of its own.
    key = (sys.version, platform.machine(), platform.node(), numba)
    digest = hashlib.sha256(repr(key).encode()).hexdigest()
    return code_folder() / f"all-{digest[:40]}.json"


def _find_version_file(package: Path) -> Path:
    """Beside the first file of a package; in an application made by PyInstaller, compiled."""
    return package.with_name(f"_version{package.suffix}")


def _find_root() -> Path:
    """The folder that names of files are relative to. An AppImage lies in another folder at each
    start; elsewhere, files have whole names.
    """
    return Path(getattr(sys, "_MEIPASS", ""))


def _name(path: Path) -> str:
    root = _find_root()
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def _describe_file(path: Path) -> tuple[int, int]:
    """Size and time of change. Raises OSError."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns
