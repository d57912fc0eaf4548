"""Child processes that find the modules that this process finds."""

from __future__ import annotations

import multiprocessing
from multiprocessing import spawn
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any

_prepare = spawn.get_preparation_data


def get_spawn_context() -> SpawnContext:
    """The context for child processes, which start with an interpreter of their own.

    Unlike with `multiprocessing.get_context`, a child may be started while another thread imports
    cv2. Meanwhile, cv2's own folder is in `sys.path`; a child that searched it would take cv2's
    packages “typing” and “utils” for those of the standard library and others, and die.
    """
    spawn.get_preparation_data = _prepare_without_cv2
    return multiprocessing.get_context("spawn")


def _prepare_without_cv2(name: str) -> dict[str, Any]:
    """What a child gets from this process, without the folder of cv2 in its path."""
    data = _prepare(name)
    data["sys_path"] = [entry for entry in data["sys_path"] if not _is_folder_of_cv2(entry)]
    return data


def _is_folder_of_cv2(entry: str) -> bool:
    folder = Path(entry)
    return folder.name == "cv2" and (folder / "__init__.py").is_file()
