"""What ``lacuna --associate`` and ``--no-associate`` do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from app.configuration.text import t


def associate(wanted: bool) -> int:
    """Have projects and photos open with this program from the file manager, or no more.

    Says what was done, and returns the exit code: 2 where that is not possible.
    """
    try:
        found = _done(wanted)
    except OSError as error:
        print(t("association.failed", reason=error.strerror or error), file=sys.stderr)
        return 2
    if found is None:
        print(t("association.macos"), file=sys.stderr)
        return 2
    print(t("association.added" if wanted else "association.removed"))
    for place in found:
        print(f"  {place}")
    return 0


def command() -> tuple[str, ...]:
    """How this program is started: by its own name where it is installed."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    here = Path(sys.executable)
    for name in ("lacuna", "lacuna.exe"):
        if (here.parent / name).is_file():
            return (str(here.parent / name),)
    return (str(here), "-m", "app")


def _done(wanted: bool) -> Sequence[object] | None:
    if sys.platform == "win32":
        from app.system.association import windows

        return windows.add(command()) if wanted else windows.remove()
    if sys.platform == "darwin":
        return None
    from app.system.association import linux

    home = linux.data_home()
    return linux.add(command(), home) if wanted else linux.remove(home)
