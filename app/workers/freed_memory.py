"""Gives memory that is free inside this process back to the system."""

from __future__ import annotations

import ctypes
import sys


def return_freed_memory() -> None:
    """Have the C library give back what it keeps after large work: 150 MB after a fill with a
    network. Others than that of GNU do so by themselves, or not at all.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
