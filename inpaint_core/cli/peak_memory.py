"""How much memory the process held at most."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path


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
