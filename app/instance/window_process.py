"""Starts the window in a process of its own, for a process that waits for a photo."""

from __future__ import annotations

import subprocess
import sys

OPTION = "--for-other-programs"
"""Tells that process what it is for: it ends when nobody waits any more and no photo is open."""


def start_window_process() -> None:
    """Start it; it outlives this process. Raises OSError."""
    is_bundle = bool(getattr(sys, "frozen", False))
    program = [sys.executable] if is_bundle else [sys.executable, "-m", "app"]
    detached = 0
    if sys.platform == "win32":
        detached = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    subprocess.Popen(
        [*program, OPTION],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=detached,
    )
