"""The command that installs PyTorch beside this program, to be run by a person in a terminal."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

_NETWORKS = "lacuna-photo[networks]"
_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
_NVIDIA = Path("/proc/driver/nvidia")


def make_install_command(prefix: Path = Path(sys.prefix), nvidia: Path = _NVIDIA) -> str:
    """The command for the environment in the folder ``prefix``: that of uv, of pipx, or of pip.

    On a Linux without NVIDIA's driver, which has the folder ``nvidia``, it fetches the PyTorch
    without CUDA, a tenth of the size; other systems' PyTorch has none.
    """
    is_large = sys.platform.startswith("linux") and not nvidia.exists()
    if (prefix / "uv-receipt.toml").is_file():
        command = ["uv", "tool", "install", "--torch-backend", "auto", _NETWORKS]
    elif (prefix / "pipx_metadata.json").is_file():
        command = ["pipx", "inject", "lacuna-photo", "torch"]
        command += ["--index-url", _CPU_INDEX] if is_large else []
    else:
        command = [sys.executable, "-m", "pip", "install", _NETWORKS]
        command += ["--extra-index-url", _CPU_INDEX] if is_large else []
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
