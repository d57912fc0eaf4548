"""The memory that the program occupies."""

from __future__ import annotations

from pathlib import Path


def resident_megabytes() -> float | None:
    """Resident memory of this process in MB (10^6 bytes); None where the system does not say."""
    try:
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) * 1024 / 1e6, 1)
    except OSError:
        pass
    return None
