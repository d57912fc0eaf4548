"""Paints without end in a process of its own, to be killed: crashing.py FOLDER PHOTO."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np

from app.document.document import Document
from app.document.retouching.copy_placement import CopyPlacement
from app.document.retouching.copy_stroke import CopyStroke
from app.document.retouching.restoring_stroke import RestoringStroke
from app.document.stroke import Stroke
from app.session.recovery.recovery_journal import RecoveryJournal
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.read_photo import read_photo

_LAYERS: dict[int, Layer] = {3: "protect", 11: "source"}


def edits(document: Document) -> Iterator[None]:
    """The same edits, undos and redos every time, one with each step."""
    rng = np.random.default_rng(3)
    height, width = document.shape
    for number in count():
        kind = int(rng.integers(12)) if number else 2  # something that leaves an edit
        if kind == 0 and document.history.can_undo:
            document.undo()
        elif kind == 1 and document.history.can_redo:
            document.redo()
        elif kind == 2:
            rect = Rect(int(rng.integers(width - 200)), int(rng.integers(height - 200)), 200, 200)
            values = rng.integers(0, 256, (200, 200, 3), np.uint8)
            document.apply_fill(rect, values, alpha=values[..., 0])
        elif kind == 8:
            labels = rng.integers(0, 2, (height, width, 3), np.uint8)
            document.set_semantic(None if document.has_semantic else labels)
        elif kind == 9:
            with document.edit("history.restore") as editing:
                restoring = RestoringStroke(editing, document.shape, 150, 0.5)
                restoring.draw_to(*rng.uniform(0, (width, height)))
        elif kind == 10:
            with document.edit("history.clone") as editing:
                placement = CopyPlacement((100.0, 90.0), (300.0, 200.0))
                CopyStroke(editing, document.shape, 80, 0.5, placement).draw_to(300, 200)
        else:
            layer: Layer = _LAYERS.get(kind, "mask")
            with document.edit("history.brush") as editing:
                stroke = Stroke(editing, layer, document.shape, 60, 0.5, erase=kind == 4)
                for x, y in rng.uniform(0, (width, height), (3, 2)):
                    stroke.draw_to(x, y)
        yield


def main() -> None:
    folder, path = Path(sys.argv[1]), Path(sys.argv[2])
    document = Document(read_photo(path), path)
    journal = RecoveryJournal(folder)
    journal.watch(document)
    for number, _ in enumerate(edits(document)):
        if number % 3 == 0:  # else: several edits wait at once
            journal.flush()
            print(number, flush=True)


if __name__ == "__main__":
    main()
