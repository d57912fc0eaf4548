"""What of a document is drawn, and how: the photo, its masks, the grid of its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from app.ui.painting import qimage, render
from app.ui.painting.document_picture import Picture, Which
from app.ui.painting.map_pixels import spread
from app.ui.painting.pyramid import Pyramid
from app.ui.painting.view_transform import View
from app.ui.theme.palette import DRAWN, PROTECTED
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.document.document import Document

GRID_FROM = 8.0  # the zoom from which single pixels are outlined


@dataclass(frozen=True)
class Pane:
    """A part of the canvas: ``part`` in the screen's pixels shows ``which`` photo in ``view``,
    with what is painted over it where ``masks``.
    """

    view: View
    part: QRect
    which: Which
    masks: bool


class Scene:
    """Draws a document. The masks' smaller levels are brought up to date when next drawn."""

    def __init__(self, document: Document, picture: Picture) -> None:
        self.document = document
        self.picture = picture
        self._mask = Pyramid(document.mask)
        # Most photos have nothing protected: then it costs neither memory nor drawing.
        self._protect = Pyramid(document.protect) if document.made("protect") else None
        self._edges = Pyramid(document.edges) if document.made("edges") else None
        self._stale = dict.fromkeys(("mask", "protect", "edges"), Rect(0, 0, 0, 0))

    def touch(self, layer: str, rect: Rect) -> None:
        """The mask, the protection or the drawn edges differ in ``rect``."""
        self._stale[layer] = self._stale[layer].union(rect)

    def draw(
        self, painter: QPainter, pane: Pane, rect: QRect, colour: QColor, opacity: float
    ) -> None:
        """Draw what ``pane`` shows in ``rect``, in the screen's pixels."""
        self._refresh()
        view = pane.view
        part = rect.intersected(pane.part).intersected(view.area)
        if part.isEmpty():
            return
        picture = self.picture
        sizes = [picture.size(level) for level in range(picture.levels)]
        photo = render.sample(
            view, part, sizes, lambda level, inside: picture.read(level, inside, pane.which)
        )
        if picture.transparent:
            alpha = render.sample(
                view,
                part,
                sizes,
                lambda level, inside: picture.read_alpha(level, inside, pane.which),
            )
            photo = render.over_checks(photo, alpha, view, part)
        if view.zoom >= GRID_FROM:
            photo = render.gridded(photo, view, part)
        painter.drawImage(part.topLeft(), picture.colours.drawn(photo))
        if pane.masks:
            self._draw_masks(painter, view, part, colour, opacity)

    def _draw_masks(
        self, painter: QPainter, view: View, part: QRect, colour: QColor, opacity: float
    ) -> None:
        line = max(round(view.ratio), 1)
        grown = part.adjusted(-line, -line, line, line)
        if self._protect is not None:
            shown = self._sampled(self._protect, view, grown)
            table = render.tints(QColor(PROTECTED), 0.6)
            stripes = render.hatched(shown, table, line, view, part)
            if stripes is not None:
                painter.drawImage(part.topLeft(), qimage.overlay(stripes))
        shown = self._sampled(self._mask, view, grown)
        over = render.tinted(shown, render.tints(colour, opacity), line)
        if over is not None:
            painter.drawImage(part.topLeft(), qimage.overlay(over))

    def draw_edges(self, painter: QPainter, pane: Pane, rect: QRect) -> None:
        """Draw the edges that were drawn, over everything that lies on the photo."""
        part = rect.intersected(pane.part).intersected(pane.view.area)
        self._refresh()
        if self._edges is None or not pane.masks or part.isEmpty():
            return
        line = max(round(pane.view.ratio), 1)
        grown = part.adjusted(-2 * line, -2 * line, 2 * line, 2 * line)
        # The means of the next smaller level leave no gaps in a line, as single samples would.
        level = min(pane.view.level + (pane.view.zoom < 1), len(self._edges.levels) - 1)
        values = self._edges.levels[level]
        extent = (0, 0, values.shape[1] * 2**level, values.shape[0] * 2**level)
        shown = spread(values, extent, pane.view, grown)
        strokes = render.stroked(shown, QColor(DRAWN), line, level)
        if strokes is not None:
            painter.drawImage(part.topLeft(), qimage.overlay(strokes))

    def mask(self, level: int, rect: Rect) -> render.Array:
        """The mask (h, w) in ``rect`` of a level of the picture, in its pixels: a view."""
        self._refresh()
        return self._mask.read(level, rect)

    def _sampled(self, pyramid: Pyramid, view: View, part: QRect) -> render.Array:
        sizes = [(level.shape[0], level.shape[1]) for level in pyramid.levels]
        return render.sample(view, part, sizes, pyramid.read)

    def _refresh(self) -> None:
        for layer, rect in self._stale.items():
            if rect.empty:
                continue
            if layer == "mask":
                self._mask.update(self.document.mask, rect)
            elif layer == "edges":
                if self._edges is None:
                    self._edges = Pyramid(self.document.edges)
                else:
                    self._edges.update(self.document.edges, rect)
            elif self._protect is None:
                self._protect = Pyramid(self.document.protect)
            else:
                self._protect.update(self.document.protect, rect)
            self._stale[layer] = Rect(0, 0, 0, 0)
