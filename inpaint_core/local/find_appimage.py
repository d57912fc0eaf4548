"""The AppImage that this program runs in."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def find_appimage() -> str | None:
    """The file of the AppImage that this program runs in, None outside of one. What it holds is
    mounted, in another folder each time, only as long as the process runs that was started first;
    whatever is to live longer is started by the file.
    """
    image, mounted = os.environ.get("APPIMAGE"), os.environ.get("APPDIR")
    if not getattr(sys, "frozen", False) or not image or not mounted:
        return None
    # Both may be those of another AppImage, whose program has started this one.
    is_ours = Path(sys.executable).resolve().is_relative_to(Path(mounted).resolve())
    return image if is_ours else None
