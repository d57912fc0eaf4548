"""The command-line options ``--associate`` and ``--no-associate``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from app.configuration.text import t
from inpaint_core.local.find_appimage import find_appimage


def set_association(wanted: bool) -> int:
    """Register or unregister this program for projects and photos in the file manager.

    Prints what was changed and returns the exit code: 2 if it is not possible.
    """
    try:
        changed = _register(wanted)
    except OSError as error:
        print(t("association.failed", reason=error.strerror or error), file=sys.stderr)
        return 2
    if changed is None:
        print(t("association.macos"), file=sys.stderr)
        return 2
    print(t("association.added" if wanted else "association.removed"))
    for place in changed:
        print(f"  {place}")
    return 0


def launch_command() -> tuple[str, ...]:
    """The command that starts this program: its own name if it is installed."""
    if getattr(sys, "frozen", False):
        return (find_appimage() or sys.executable,)
    here = Path(sys.executable)
    for name in ("lacuna", "lacuna.exe"):
        if (here.parent / name).is_file():
            return (str(here.parent / name),)
    return (str(here), "-m", "app")


def _register(wanted: bool) -> Sequence[object] | None:
    """The files or registry keys that were changed; None on macOS."""
    if sys.platform == "win32":
        from app.system.association import windows

        return windows.add(launch_command()) if wanted else windows.remove()
    if sys.platform == "darwin":
        return None
    from app.system.association import linux

    home = linux.data_home()
    return linux.add(launch_command(), home) if wanted else linux.remove(home)
