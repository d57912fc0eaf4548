"""What a report of a problem needs to say about the program and the machine. No Qt."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

_PACKAGES = (
    ("Qt for Python", "PySide6-Essentials"),
    ("PyTorch", "torch"),
    ("NumPy", "numpy"),
    ("OpenCV", "opencv-python-headless"),
    ("numba", "numba"),
    ("Pillow", "pillow"),
)


def collect(changed: Mapping[str, object], screen: str, log: Path) -> tuple[tuple[str, str], ...]:
    """Names and values, in the order to show.

    ``changed`` are the settings that differ from their defaults, ``screen`` describes the screen,
    ``log`` is where the log file is. Nothing is imported for it: a package's version is read from
    its metadata, and the graphics card is only known once PyTorch is at work.
    """
    from inpaint_core import __version__

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


def as_text(rows: tuple[tuple[str, str], ...]) -> str:
    """The rows as lines of text, for a report."""
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
    found = _memory_bytes()
    return "not known" if found is None else f"{found / 1e9:.1f} GB"


def _memory_bytes() -> int | None:
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _windows_memory() -> int | None:
    """The first fields of MEMORYSTATUSEX: its own length, load in per cent, bytes in all."""
    status = (ctypes.c_uint64 * 8)()
    ctypes.cast(status, ctypes.POINTER(ctypes.c_uint32))[0] = ctypes.sizeof(status)
    windll = getattr(ctypes, "windll", None)
    if windll is None or not windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status[1])


def _device() -> str:
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "cuda"):
        return "not asked yet (PyTorch is not loaded)"
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name(0)
        free, total = torch.cuda.mem_get_info(0)
        return f"{name}, {free / 1e9:.1f} of {total / 1e9:.1f} GB free"
    if torch.backends.mps.is_available():
        return "Apple graphics (Metal)"
    return "processor only: PyTorch finds no graphics card"


def _private(value: object) -> str:
    """The value with the home folder as ~: reports are read by strangers."""
    return str(value).replace(str(Path.home()), "~")
