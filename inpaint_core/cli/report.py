"""The JSON report: what was done, with what, how long it took and how much memory."""

from __future__ import annotations

import ctypes
import json
import platform
import sys
from pathlib import Path
from typing import Any

from inpaint_core.retouch.output_places import write_whole

SCHEMA = 1
_LIBRARIES = ("numpy", "cv2", "PIL", "numba", "torch", "tifffile")


def write_report(path: Path, command: str, content: dict[str, Any]) -> None:
    """Write ``content`` with details of the program and the machine. Raises `CannotWrite`."""
    from inpaint_core.contract.version import __version__

    everything = {
        "schema": SCHEMA,
        "program": f"lacuna-photo {__version__}",
        "command": command,
        **content,
        "peak_memory_bytes": peak_memory(),
        "versions": list_versions(),
        "platform": platform.platform(),
    }
    text = json.dumps(everything, indent=2, ensure_ascii=False, default=_plain) + "\n"
    write_whole(path, lambda stream: stream.write(text.encode("utf-8", "backslashreplace")))


def list_versions() -> dict[str, str]:
    """The versions of Python and of the libraries that this run has loaded."""
    loaded = {name: sys.modules[name] for name in _LIBRARIES if name in sys.modules}
    return {
        "python": platform.python_version(),
        **{name: str(getattr(module, "__version__", "?")) for name, module in loaded.items()},
    }


def _plain(value: object) -> object:
    """A numpy number or array, or a value of the plan, as JSON knows it."""
    tolist = getattr(value, "tolist", None)
    return tolist() if tolist is not None else str(value)


def peak_memory() -> int | None:
    """The process's largest resident size so far in bytes; None where the system does not say."""
    if sys.platform == "win32":
        return _peak_windows()
    try:
        # Unlike ru_maxrss this starts anew at exec, so a large parent process does not count.
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, others KiB


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of the Windows API."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
        ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
        ("PagefileUsage", ctypes.c_size_t),
        ("PeakPagefileUsage", ctypes.c_size_t),
    )


def _peak_windows() -> int | None:
    if sys.platform != "win32":
        return None
    counters = _Counters(cb=ctypes.sizeof(_Counters))
    process = ctypes.c_void_p(ctypes.windll.kernel32.GetCurrentProcess())
    query = ctypes.windll.kernel32.K32GetProcessMemoryInfo
    if not query(process, ctypes.byref(counters), counters.cb):
        return None
    return int(counters.PeakWorkingSetSize)
