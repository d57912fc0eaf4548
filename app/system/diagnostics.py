"""Facts about the program and the machine for a problem report. No Qt."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from app.workers.decoder.limits import read_machine_memory

_PACKAGES = (
    ("Qt for Python", "PySide6-Essentials"),
    ("PyTorch", "torch"),
    ("NumPy", "numpy"),
    ("OpenCV", "opencv-python-headless"),
    ("numba", "numba"),
    ("Pillow", "pillow"),
)


def collect_diagnostics(
    changed: Mapping[str, object], screen: str, log: Path
) -> tuple[tuple[str, str], ...]:
    """Names and values in display order.

    ``changed``: the settings that differ from their defaults; ``screen``: a description of the
    screen; ``log``: the log file. Nothing heavy is imported: versions come from package metadata,
    and the graphics card is known only after PyTorch was loaded.
    """
    from inpaint_core.contract.version import __version__

    rows = [
        ("Lacuna", __version__),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        *((title, _version(package)) for title, package in _PACKAGES),
        ("System", platform.platform()),
        ("Processor", f"{_processor()}, {os.cpu_count() or 1} threads"),
        ("Memory", _memory()),
        ("Device", _device()),
        ("Screen", screen),
        ("Settings", ", ".join(f"{k} = {_private(v)}" for k, v in changed.items()) or "defaults"),
        ("Log", _private(log)),
    ]
    return tuple(rows)


def format_diagnostics(rows: tuple[tuple[str, str], ...]) -> str:
    """The rows as lines of text."""
    return "".join(f"{name}: {value}\n" for name, value in rows)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return f"{line.partition(':')[2].strip()} ({platform.machine()})"
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def _memory() -> str:
    memory = read_machine_memory()
    return "not known" if memory is None else f"{memory / 1e9:.1f} GB"


def _device() -> str:
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "cuda"):
        return "not asked yet (PyTorch is not loaded)"
    if torch.cuda.is_available():
        return "; ".join(_describe_card(torch, n) for n in range(torch.cuda.device_count()))
    if torch.backends.mps.is_available():
        return "Apple graphics (Metal)"
    return "processor only: PyTorch finds no graphics card"


def _describe_card(torch: Any, number: int) -> str:
    name = torch.cuda.get_device_name(number)
    free, total = torch.cuda.mem_get_info(number)
    return f"cuda:{number} {name}, {free / 1e9:.1f} of {total / 1e9:.1f} GB free"


def _private(value: object) -> str:
    """The value with the home folder replaced by ~, as reports are read by strangers."""
    return str(value).replace(str(Path.home()), "~")
