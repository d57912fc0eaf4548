"""What the model sees, over the photo: what is replaced, what is looked at, in which tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from app.configuration.text import t
from app.ui.painting.overlay import Overlay
from app.ui.painting.view_transform import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inpaint_core.contract.progress import Progress
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.inspection.plan_preview import ForeseenCrop, Foresight

_MASK = QColor("#ffffff")
_CROP = QColor("#ffe45c")
_TILE = QColor("#4fd8ff")
_BLEND = QColor("#b57bff")
_HATCH = 8  # logical pixels from one line to the next

Extent = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Blend:
    """``strength`` (h, w) uint8 over ``extent``: 0 where one tile decides alone, 255 where two or
    more do alike.
    """

    strength: NDArray[np.uint8]
    extent: Extent


@dataclass(frozen=True, eq=False)
class Plan:
    """What a fill will go over. ``tiles``: seen and filled part of each tile of the finest level,
    ``share`` its size of the photo's, ``side`` the longest side of a tile in the network's pixels.
    """

    foresight: Foresight
    tiles: tuple[tuple[Extent, Extent], ...]
    blends: tuple[Blend, ...]
    share: float
    side: int


def planned(request: InpaintRequest, progress: Progress) -> Plan:
    """The plan of a request; its pixels are only looked at to choose an engine. On any thread;
    raises as `foresee`.
    """
    from inpaint_core.inspection.plan_preview import foresee

    found = foresee(request, progress)
    finest = [crop.levels[-1] for crop in found.crops if crop.levels]
    tiles = tuple((tile.seen, tile.filled) for level in finest for tile in level)
    places = [tile.place for level in finest for tile in level]
    return Plan(
        found,
        tiles,
        tuple(_blend(crop) for crop in found.crops if crop.plan is not None),
        min((place.scale[0] for place in places), default=1.0),
        max((max(place.tile.w, place.tile.h) for place in places), default=0),
    )


def _blend(crop: ForeseenCrop) -> Blend:
    import numpy as np

    assert crop.plan is not None
    level = crop.plan.levels[-1]
    most = np.zeros((level.height, level.width), np.float32)
    for number, tile in enumerate(level.tiles):
        here = tile.inner.slices
        most[here] = np.maximum(most[here], crop.share(len(crop.levels) - 1, number).values)
    several = np.where(most > 0, np.clip((1 - most) * 2, 0, 1), 0)
    rect = crop.rect
    extent = (rect.x, rect.y, rect.right, rect.bottom)
    return Blend(np.rint(several * 255).astype(np.uint8), extent)


class PlanOverlay(Overlay):
    """Draws a plan, and what its lines mean in the corner."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: Plan | None = None

    def show_plan(self, plan: Plan | None) -> None:
        """Show another plan, or none."""
        if plan is not self.plan:
            self.plan = plan
            self.changed.emit()

    # -- over the photo --------------------------------------------------------------------------

    def draw(self, painter: QPainter, view: View, rect: QRect) -> None:
        """Draw masks as hatching, weights as colour, crops and tiles as outlines."""
        plan = self.plan
        if plan is None:
            return
        from app.ui.painting import qimage
        from app.ui.painting.map_pixels import inside, spread, tinted

        for blend in plan.blends:
            part = inside(blend.extent, view, rect)
            if not part.isEmpty() and blend.strength.any():
                found = spread(blend.strength, blend.extent, view, part)
                painter.drawImage(part.topLeft(), qimage.overlay(tinted(found, _BLEND, 0.6)))
        self._hatch(painter, view, rect, plan)
        thick = max(round(view.ratio), 1)
        for seen, filled in plan.tiles:
            _outline(painter, _on_screen(view, seen), _TILE, 2 * thick)
            if filled != seen:
                _outline(painter, _on_screen(view, filled), _TILE, 2 * thick, Qt.PenStyle.DotLine)
        for crop in plan.foresight.crops:
            place = crop.rect
            extent = (place.x, place.y, place.right, place.bottom)
            _outline(painter, _on_screen(view, extent), _CROP, 2 * thick)

    def _hatch(self, painter: QPainter, view: View, rect: QRect, plan: Plan) -> None:
        import numpy as np

        from app.ui.painting import qimage
        from app.ui.painting.map_pixels import inside, spread, tinted

        mask = plan.foresight.mask
        place = mask.rect
        extent = (place.x, place.y, place.right, place.bottom)
        rect = inside(extent, view, rect)
        if place.empty or rect.isEmpty():
            return
        found = spread(mask.alpha, extent, view, rect)
        left, top = view.corner
        period, line = round(_HATCH * view.ratio), max(round(2 * view.ratio), 1)
        x = np.arange(rect.x() - left, rect.x() - left + rect.width())
        y = np.arange(rect.y() - top, rect.y() - top + rect.height())
        found[(x[None, :] - y[:, None]) % period >= line] = 0
        painter.drawImage(rect.topLeft(), qimage.overlay(tinted(found, _MASK, 0.75)))

    # -- in the corner ---------------------------------------------------------------------------

    def paint(self, painter: QPainter, view: View) -> None:
        """Say what is what."""
        if self.plan is None:
            return
        rows = legend(self.plan)
        metrics = QFontMetrics(painter.font())
        line = metrics.height() + 4
        widest = max(metrics.horizontalAdvance(words) for _, words in rows)
        box = QRectF(0, 0, min(widest + 50, view.pane.width() - 16), line * len(rows) + 12)
        box.moveBottomLeft(view.pane.bottomLeft() + QPointF(8, -8))
        painter.fillRect(box, QColor(20, 20, 20, 215))
        for number, (colour, words) in enumerate(rows):
            top = box.top() + 6 + number * line
            swatch = QRectF(box.left() + 10, top + 3, 18, line - 8)
            if colour is _MASK:
                painter.fillRect(swatch, Qt.BrushStyle.BDiagPattern)
                painter.fillRect(swatch, _swatch(colour))
            elif colour is _BLEND:
                painter.fillRect(swatch, colour)
            painter.setPen(QPen(colour, 2 if colour is _CROP else 1))
            painter.drawRect(swatch)
            painter.setPen(QColor("#f0f0f0"))
            room = QRectF(box.left() + 38, top, box.width() - 46, line)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, int(flags), shown)


def legend(plan: Plan) -> list[tuple[QColor, str]]:
    """The colours with what they stand for."""
    crops = plan.foresight.crops
    if not crops:
        return [(_MASK, t("structure.sees.nothing"))]
    rows = [
        (_MASK, t("structure.sees.mask")),
        (_CROP, t("structure.sees.crops", n=len(crops))),
    ]
    for engine in dict.fromkeys(crop.engine for crop in crops):
        title = t.known(f"engines.{engine}", engine)
        rows.append((_CROP, t("structure.sees.engine", engine=title)))
    if plan.tiles:
        percent = f"{plan.share:.0%}"[:-1]
        values = {"n": len(plan.tiles), "side": plan.side, "percent": percent}
        rows.append((_TILE, t("structure.sees.tiles", **values)))
        if any(seen != filled for seen, filled in plan.tiles):
            rows.append((_TILE, t("structure.sees.filled")))
        if any(blend.strength.any() for blend in plan.blends):
            rows.append((_BLEND, t("structure.sees.blend")))
    else:
        rows.append((_CROP, t("structure.sees.whole")))
    return rows


def _swatch(colour: QColor) -> QColor:
    return QColor(colour.red(), colour.green(), colour.blue(), 60)


def _on_screen(view: View, extent: Extent) -> QRectF:
    left, top = view.corner
    x0, y0, x1, y1 = (value * view.zoom for value in extent)
    return QRectF(QPointF(x0 + left, y0 + top), QPointF(x1 + left, y1 + top))


def _outline(
    painter: QPainter,
    rect: QRectF,
    colour: QColor,
    width: int,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    """Inside ``rect``, over a dark line, so that it stands out on any photo."""
    half = width / 2
    rect = rect.adjusted(half, half, -half, -half)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if style == Qt.PenStyle.SolidLine:
        painter.setPen(QPen(QColor(0, 0, 0, 150), width + 2))
        painter.drawRect(rect)
    pen = QPen(colour, width, style)
    painter.setPen(pen)
    painter.drawRect(rect)
