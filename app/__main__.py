"""Where ``lacuna`` starts: builds the window, wires it up, runs Qt."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run the editor with the arguments ``argv`` (without the program's name; None = the
    process's own) and return the exit code.
    """
    parser = argparse.ArgumentParser(
        prog="lacuna",
        description="Remove what you paint over from a photo. Everything runs on your own machine.",
    )
    parser.add_argument("photos", metavar="PHOTO", nargs="*", type=Path, help="a photo to open")
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    args = parser.parse_args(argv)
    if args.version:
        from inpaint_core import __version__

        print(f"lacuna {__version__}")
        return 0

    # Qt is imported only now, and the engine (torch, numba) not before it is needed: the window
    # is to be on the screen at once.
    from PySide6.QtCore import QSettings, QTimer
    from PySide6.QtWidgets import QApplication

    from app import log
    from app.jobs import Lane
    from app.ui import theme
    from app.ui.window import Window

    log.start()
    application = QApplication([sys.argv[0]])
    theme.apply(application)
    lane = Lane("files")
    window = Window(lane, QSettings())
    window.show()
    if args.photos:
        QTimer.singleShot(0, lambda: window.open_paths(args.photos))
    code = application.exec()
    lane.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
