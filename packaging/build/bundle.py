"""The folder that PyInstaller makes: both programs, Python, Qt and torch."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from contents import copy_torch
from environment import BuildFailed, make_environment, run

__all__ = ["BuildFailed", "make_bundle", "make_icons"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
EXTRAS = ("networks", "raw", "jxl", "h5")
_PYINSTALLER = ("pyinstaller==6.22.3", "pyinstaller-hooks-contrib==2026.9")


def make_bundle(work: Path) -> Path:
    """Make it below ``work``; returns the folder ``lacuna``, or on macOS the bundle ``Lacuna.app``.

    Raises `BuildFailed`.
    """
    python = make_environment(
        work / "app-env",
        [
            *(
                "--retries",
                "1",
                "--extra-index-url",
                _CPU_INDEX,
                "--constraint",
                str(ROOT / "constraints.txt"),
            ),
            *_PYINSTALLER,
            *_list_requirements(),
        ],
    )
    command = [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    places = ["--distpath", work / "bundle", "--workpath", work / "pyinstaller"]
    run([*command, *places, HERE / "lacuna.spec"], env={**os.environ, "PYTHONPATH": str(ROOT)})
    made = work / "bundle" / ("Lacuna.app" if sys.platform == "darwin" else "lacuna")
    modules = made / ("Contents/Frameworks" if sys.platform == "darwin" else "_internal")
    copy_torch(_find_torch(python), modules)
    return made


def _list_requirements() -> list[str]:
    """What Lacuna needs, with every format and the networks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(line for name in EXTRAS for line in extras[name])]


def make_icons(work: Path) -> None:
    """Draw the programs' icons for Windows and macOS from ``resources/icon.svg``."""
    python = make_environment(work / "icon-env", ["PySide6-Essentials!=6.12.0", "pillow"])
    run([python, HERE / "draw_icon.py", ROOT / "resources" / "icon.svg", work])


def _find_torch(python: Path) -> Path:
    """The folder of torch. Raises `BuildFailed` where that brings gigabytes of CUDA along."""
    ask = [python, "-c", "import torch; print(torch.version.cuda); print(torch.__path__[0])"]
    said = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    cuda, folder = said.splitlines()
    if cuda != "None":
        raise BuildFailed(f"torch for CUDA {cuda} was installed; {_CPU_INDEX} was out of reach")
    return Path(folder)
