"""What a click with the object tool would take, found while the pointer moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPolygonF

from app.ui.painting.shapes.outlines import paint_outline
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.tool import PointerState
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.workers.jobs import Job, Lane
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.progress import Progress
    from inpaint_core.object_selection.object_finder import ObjectFinder
    from inpaint_core.object_selection.pointing import Pointing

_PAUSE = 30  # ms: the pointer is followed no more often
_TINT = 70  # of 255


class PhotoEye:
    """What is known of the pixels of a photo; for the lane's thread."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels
        self._finder: ObjectFinder | None = None

    def open(self, _progress: Progress) -> ObjectFinder:
        """The finder; the first time, loads the network and looks at the whole photo."""
        if self._finder is None:
            from inpaint_core.object_selection.load_network import load_object_network
            from inpaint_core.object_selection.object_finder import ObjectFinder

            finder = ObjectFinder(self._pixels, load_object_network())
            finder.prepare()
            self._finder = finder
        return self._finder


@dataclass(frozen=True)
class Question:
    """What ``pointing`` means in the part ``shown`` of the photo that ``eye`` sees; ``erases``: it
    would be taken out of the mask.
    """

    eye: PhotoEye
    pointing: Pointing
    shown: Rect | None
    erases: bool


class ObjectPreview(QObject):
    """Follows the pointer and shows what ``ask(pointer)`` is about, as fast as it is found.

    ``repaint_needed(Rect)``: something else is shown there.
    """

    repaint_needed = Signal(object)

    def __init__(self, lane: Lane, ask: Callable[[PointerState], Question | None]) -> None:
        super().__init__()
        self._lane = lane
        self._ask = ask
        self._pointer: PointerState | None = None
        self._job: Job | None = None
        self._path: QPainterPath | None = None
        self._erases = False
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._look)

    @property
    def path(self) -> QPainterPath | None:
        """The outline of what is shown, in the photo."""
        return self._path

    def follow(self, pointer: PointerState) -> None:
        """Show what a click there would take; what is shown stays until that is known."""
        self._pointer = pointer
        if self._job is None and not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Show nothing."""
        self._timer.stop()
        self._pointer = None
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self._show(None)

    def paint(self, painter: QPainter, view: ViewTransform, colour: QColor) -> None:
        """Paint it over the photo, tinted with ``colour``, or white where it would be erased."""
        if self._path is None:
            return
        path = view.map_path(self._path)
        tint = QColor("#ffffff") if self._erases else QColor(colour)
        tint.setAlpha(_TINT)
        painter.fillPath(path, tint)
        paint_outline(painter, path, self._erases)

    def _look(self) -> None:
        pointer, self._pointer = self._pointer, None
        question = None if pointer is None else self._ask(pointer)
        if question is None:
            return
        job = self._job = self._lane.start(lambda progress: _trace(question, progress))
        job.succeeded.connect(lambda path: self._on_ended(job, path, question.erases))
        job.failed.connect(lambda _: self._on_ended(job, None, False))
        job.cancelled.connect(lambda: self._on_ended(job, None, False))

    def _on_ended(self, job: Job, path: QPainterPath | None, erases: bool) -> None:
        if job is self._job:
            self._job = None
            self._show(path, erases)
            if self._pointer is not None:
                self._timer.start()

    def _show(self, path: QPainterPath | None, erases: bool = False) -> None:
        before, self._path, self._erases = self._path, path, erases
        for each in (before, path):
            if each is not None:
                box = each.boundingRect().toAlignedRect()
                self.repaint_needed.emit(Rect(box.x(), box.y(), box.width(), box.height()).grow(2))


def _trace(question: Question, progress: Progress) -> QPainterPath | None:
    """The outline of what is found, in the photo."""
    finder = question.eye.open(progress)
    found = finder.find(question.pointing, question.shown, progress)
    if found is None:
        return None
    path = QPainterPath()
    for outline in found.list_outlines():
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in outline.tolist()]))
        path.closeSubpath()
    return path
