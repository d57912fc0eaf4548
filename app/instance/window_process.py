"""Starts the window in a process of its own, for a process that waits for a photo."""

from __future__ import annotations

import subprocess
import sys

from inpaint_core.local.find_appimage import find_appimage

OPTION = "--for-other-programs"
"""Tells that process what it is for: it ends when nobody waits any more and no photo is open."""


def find_own_program() -> tuple[str, ...]:
    """The command that starts the editor again, without arguments."""
    if not getattr(sys, "frozen", False):
        return (sys.executable, "-m", "app")
    return (find_appimage() or sys.executable,)


def start_window_process() -> None:
    """Start it; it outlives this process. Raises OSError."""
    detached = 0
    if sys.platform == "win32":
        detached = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    subprocess.Popen(
        [*find_own_program(), OPTION],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=detached,
    )
