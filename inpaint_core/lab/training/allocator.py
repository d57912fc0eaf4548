"""Memory that is given back and asked for again in every step costs time: keep it."""

from __future__ import annotations

import ctypes
import sys

# From glibc's malloc.h.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
_LARGEST = 2**31 - 1
_AT_ONCE = 2**26


def keep_freed() -> bool:
    """Let this process keep what it frees for its next use, until it ends; True if it does.

    A step frees its maps, which are megabytes each. The GNU C library gives such blocks back to
    the system at once, which clears every page anew when the next step asks for them: a twentieth
    of the time. The process takes no more memory by it than at its peak. Elsewhere than on Linux
    with that library nothing is changed.
    """
    if not sys.platform.startswith("linux"):
        return False
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is None:  # another C library
        return False
    kept = tune(_MMAP_MAX, 0) and tune(_TRIM_THRESHOLD, _LARGEST) and tune(_TOP_PAD, _AT_ONCE)
    return bool(kept)
