"""Virtual environments for builds."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path


class BuildFailed(Exception):
    """Something that the build needs is missing or failed; its text says what."""


def make_environment(folder: Path, requirements: Sequence[str]) -> Path:
    """Make a virtual environment, or bring the one that is there up to date; returns its Python.

    Raises `BuildFailed`.
    """
    is_windows = sys.platform == "win32"
    python = folder / ("Scripts/python.exe" if is_windows else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
    run([python, "-m", "pip", "install", "--quiet", *requirements])
    return python


def run(command: Sequence[object], **options: object) -> None:
    """Run a program. Raises `BuildFailed`."""
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise BuildFailed(f"“{' '.join(words[:4])} …” ended with {done.returncode}")
