"""The licences of what an installed application brings along."""

from __future__ import annotations

import sys
from pathlib import Path


def find_notices() -> Path | None:
    """The text with these licences; None in an environment of Python, where each package has its
    own.
    """
    folder = getattr(sys, "_MEIPASS", None)
    path = None if folder is None else Path(folder, "THIRD-PARTY.txt")
    return path if path is not None and path.is_file() else None
