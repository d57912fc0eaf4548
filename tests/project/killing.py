"""The whole editor at work without end, to be killed: killing.py FOLDER.

In FOLDER lies photo.png, which is transparent; work.lacuna and copy.png (or copy.tif) are saved
beside it again and again while it is painted on and filled, and it is decoded again. The decoder's
processes stand in the file “children”. Every stroke protects one more pixel of a row of its own,
so that it can be counted what was kept; its number is printed when the journal is on the disk.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from app.configuration.settings import Settings
from app.document.document import Document
from app.document.stroke import Stroke
from app.session.export import ExportPlan
from app.session.session import Session
from app.ui.dialogs.export_dialog import ExportOrder
from app.ui.shell.editor import Editor
from inpaint_core.contract.geometry import Rect

WIDTH = 600


def mark(document: Document, number: int) -> None:
    """One stroke of the brush, and the pixel that counts it, as one edit."""
    rng = np.random.default_rng(number)
    height, width = document.shape
    with document.edit("history.brush") as editing:
        stroke = Stroke(editing, "mask", document.shape, 20, 0.5, erase=False)
        for x, y in rng.uniform(20, (width - 20, height - 20), (3, 2)):
            stroke.draw_to(x, y)
            QApplication.processEvents()  # so that a fill may end in the middle of it
        place = Rect(number % WIDTH, number // WIDTH, 1, 1)
        editing.write("protect", place, np.full((1, 1), 255, np.uint8))


def marks(protect: np.ndarray) -> int:
    """How many strokes there are; AssertionError when one of them is missing."""
    row = protect[:10, :WIDTH].reshape(-1) > 0
    found = int(row.sum())
    assert row[:found].all()
    return found


def work(editor: Editor, session: Session, folder: Path) -> None:
    """Never ends."""
    projects = editor.window.command_handlers.project_commands.projects
    for number in count():
        mark(session.document, number)
        if number % 2 == 0:
            editor.controller.run_fill()
        while number % 4 == 0 and session.running_fill is not None:
            QApplication.processEvents()  # else it is painted over, and stale when it is done
            time.sleep(0.001)
        if not editor.files.jobs:
            if number % 4 == 3:
                editor.files.start(partial(editor.controller.read_photo, folder / "photo.png"))
            elif number % 3:
                projects.save(session, folder / "work.lacuna")
            else:
                name = "copy.tif" if number % 2 else "copy.png"
                order = ExportOrder(folder / name, ExportPlan(), overwrite=True)
                editor.window.command_handlers.writing.write(session, order)
        QApplication.processEvents()
        editor.journal.flush()
        children = " ".join(map(str, editor.decoder.processes))
        (folder / "children").write_text(children)
        print(number, flush=True)


def main() -> None:
    folder = Path(sys.argv[1])
    application = QApplication(sys.argv[:1])
    store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    editor = Editor(Settings(store), folder / "state", folder / "cache")
    editor.settings.set("fill.engine", "harmonic")
    editor.window.show()
    editor.controller.open([folder / "photo.png"])
    while editor.controller.current is None or editor.controller.is_busy:
        application.processEvents()
    work(editor, editor.controller.current, folder)


if __name__ == "__main__":
    main()
