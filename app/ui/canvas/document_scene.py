"""Draws a document on the canvas: the photo, its masks, its drawn edges and the pixel grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from app.ui.painting import qimage, render
from app.ui.painting.document_picture import DocumentPicture, PictureState
from app.ui.painting.map_pixels import map_pixels
from app.ui.painting.pyramid import ByteImage, Pyramid, PyramidPatches
from app.ui.painting.view_transform import ViewTransform
from app.ui.theme.palette import EDGE_COLOUR, PROTECT_COLOUR, SOURCE_COLOUR
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.document.document import Document

_OTHERS: tuple[Layer, ...] = ("protect", "source", "edges")
HATCHED: dict[Layer, tuple[str, bool]] = {
    "protect": (PROTECT_COLOUR, False),
    "source": (SOURCE_COLOUR, True),
}
"""The areas that say where to copy from, with their colours, and whether their stripes fall to the
right: the two can be told apart without colours as well."""
GRID_FROM = 8.0  # the zoom from which the pixel grid is drawn


@dataclass(frozen=True)
class Pane:
    """A part of the canvas: ``part``, in screen pixels, shows the photo in the state ``which``,
    and its masks if ``masks``.
    """

    view: ViewTransform
    part: QRect
    which: PictureState
    masks: bool


class DocumentScene:
    """Draws a document. The smaller levels of the masks are updated when they are next drawn."""

    def __init__(self, document: Document, picture: DocumentPicture) -> None:
        self.document = document
        self.picture = picture
        self._mask = Pyramid(document.mask)
        # Most photos have nothing of these, which then costs neither memory nor time.
        self._painted: dict[Layer, Pyramid] = {
            layer: Pyramid(document.read(layer)) for layer in _OTHERS if document.is_written(layer)
        }
        self._stale = dict.fromkeys(("mask", *_OTHERS), Rect(0, 0, 0, 0))
        self._hidden: dict[Rect, ByteImage] = {}
        self._shown_mask: PyramidPatches | None = None  # where some of it is hidden

    def adopt(self, layer: Layer, rect: Rect) -> bool:
        """Note that a layer changed in ``rect``; False for one that is not drawn."""
        if layer in self._stale:
            self._stale[layer] = self._stale[layer].union(rect)
        return layer in self._stale or layer in ("pixels", "alpha")

    def hide_mask(self, rect: Rect, values: ByteImage) -> None:
        """Draw the mask in ``rect`` only where it is stronger than ``values`` (h, w)."""
        self._refresh()
        if self._shown_mask is None:
            self._shown_mask = PyramidPatches(self._mask)
        self._hidden[rect] = values
        self._update_shown_mask(rect)

    def hides_mask(self, rect: Rect) -> bool:
        """Whether `hide_mask` was called for ``rect``."""
        return rect in self._hidden

    def show_mask(self) -> Rect:
        """Draw the whole mask again; returns the rectangle in which some of it was hidden."""
        rect = Rect(0, 0, 0, 0)
        for hidden in self._hidden:
            rect = rect.union(hidden)
        self._hidden.clear()
        self._shown_mask = None
        return rect

    def _update_shown_mask(self, rect: Rect) -> None:
        assert self._shown_mask is not None
        shown = self.document.mask[rect.slices].copy()
        for place, values in self._hidden.items():
            both = place.intersect(rect)
            if not both.is_empty:
                mine = shown[both.translate(-rect.x, -rect.y).slices]
                mine[mine <= values[both.translate(-place.x, -place.y).slices]] = 0
        self._shown_mask.write(rect, shown)

    def draw(
        self, painter: QPainter, pane: Pane, rect: QRect, colour: QColor, opacity: float
    ) -> None:
        """Draw the part of ``pane`` in ``rect``, in screen pixels."""
        self._refresh()
        view = pane.view
        part = rect.intersected(pane.part).intersected(view.area)
        if part.isEmpty():
            return
        picture = self.picture
        sizes = [picture.level_size(level) for level in range(picture.levels)]
        photo = render.sample_view(
            view, part, sizes, lambda level, inside: picture.read(level, inside, pane.which)
        )
        alpha: ByteImage | None = None
        if picture.has_alpha:
            alpha = render.sample_view(
                view,
                part,
                sizes,
                lambda level, inside: picture.read_alpha(level, inside, pane.which),
            )
        if pane.which == "preview":
            photo, alpha = picture.previews.blend(photo, alpha, view, part)
        if alpha is not None:
            photo = render.blend_on_checkerboard(photo, alpha, view, part)
        if view.zoom >= GRID_FROM:
            photo = render.add_pixel_grid(photo, view, part)
        painter.drawImage(part.topLeft(), picture.colours.to_image(photo))
        if pane.masks:
            self._draw_masks(painter, view, part, colour, opacity)

    def _draw_masks(
        self, painter: QPainter, view: ViewTransform, part: QRect, colour: QColor, opacity: float
    ) -> None:
        line = max(round(view.ratio), 1)
        grown = part.adjusted(-line, -line, line, line)
        for layer, (tint, leans) in HATCHED.items():
            if layer in self._painted:
                sampled = self._sample(self._painted[layer], view, grown)
                table = render.make_tint_table(QColor(tint), 0.6)
                stripes = render.hatch_mask(sampled, table, line, view, part, leans)
                if stripes is not None:
                    painter.drawImage(part.topLeft(), qimage.overlay_image(stripes))
        mask = self._mask if self._shown_mask is None else self._shown_mask
        sizes = [(level.shape[0], level.shape[1]) for level in self._mask.levels]
        sampled = render.sample_view(view, grown, sizes, mask.read)
        tinted = render.tint_mask(sampled, render.make_tint_table(colour, opacity), line)
        if tinted is not None:
            painter.drawImage(part.topLeft(), qimage.overlay_image(tinted))

    def draw_edges(self, painter: QPainter, pane: Pane, rect: QRect) -> None:
        """Draw the drawn edges, over all overlays."""
        part = rect.intersected(pane.part).intersected(pane.view.area)
        self._refresh()
        edges = self._painted.get("edges")
        if edges is None or not pane.masks or part.isEmpty():
            return
        line = max(round(pane.view.ratio), 1)
        grown = part.adjusted(-2 * line, -2 * line, 2 * line, 2 * line)
        # The averages of the next smaller level leave no gaps in a line; single samples would.
        level = min(pane.view.level + (pane.view.zoom < 1), len(edges.levels) - 1)
        values = edges.levels[level]
        extent = (0, 0, values.shape[1] * 2**level, values.shape[0] * 2**level)
        sampled = map_pixels(values, extent, pane.view, grown)
        strokes = render.stroke_edges(sampled, QColor(EDGE_COLOUR), line, level)
        if strokes is not None:
            painter.drawImage(part.topLeft(), qimage.overlay_image(strokes))

    def mask(self, level: int, rect: Rect) -> ByteImage:
        """The mask (h, w) in ``rect`` of a level of the picture, in pixels of the level: a view."""
        self._refresh()
        return self._mask.read(level, rect)

    def _sample(self, pyramid: Pyramid, view: ViewTransform, part: QRect) -> ByteImage:
        sizes = [(level.shape[0], level.shape[1]) for level in pyramid.levels]
        return render.sample_view(view, part, sizes, pyramid.read)

    def _refresh(self) -> None:
        for layer, rect in self._stale.items():
            if rect.is_empty:
                continue
            if layer == "mask":
                self._mask.update(self.document.mask, rect)
                if self._shown_mask is not None:
                    self._update_shown_mask(rect)
            elif layer in self._painted:
                self._painted[layer].update(self.document.read(layer), rect)
            else:
                self._painted[layer] = Pyramid(self.document.read(layer))
            self._stale[layer] = Rect(0, 0, 0, 0)
