"""Draws an SVG as icons of Windows and macOS: ``draw_icon.py ICON.svg FOLDER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtGui import QGuiApplication, QIcon

_SIDES = (16, 24, 32, 48, 64, 128, 256, 512)


def main(drawing: Path, folder: Path) -> None:
    """Write ``lacuna.ico``, ``lacuna.icns`` and ``lacuna.png``, 256 pixels wide."""
    application = QGuiApplication([])
    icon = QIcon(str(drawing))
    pictures = []
    for side in _SIDES:
        path = folder / f"icon-{side}.png"
        icon.pixmap(side, side).save(str(path))
        pictures.append(Image.open(path).convert("RGBA"))
    pictures[-2].save(folder / "lacuna.png")
    pictures[-2].save(
        folder / "lacuna.ico", append_images=pictures[:-2], sizes=[(s, s) for s in _SIDES[:-1]]
    )
    pictures[-1].save(folder / "lacuna.icns", append_images=pictures[:-1])
    application.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
