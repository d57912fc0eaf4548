"""Writes the desktop entry and the media type for packages: ``python packaging/linux``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from app.system.association import linux  # noqa: E402


def main() -> None:
    """Write both files beside this one."""
    (HERE / "lacuna.desktop").write_text(linux.make_desktop_entry(["lacuna"]), encoding="utf-8")
    (HERE / "lacuna.xml").write_text(linux.make_media_type(), encoding="utf-8")


if __name__ == "__main__":
    main()
