"""The plan of a fill over the photo: the mask, the crops that the fill sees, and the tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from app.configuration.text import t
from app.ui.painting.overlay import Overlay
from app.ui.painting.view_transform import ViewTransform

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inpaint_core.contract.geometry import Rect
    from inpaint_core.contract.progress import Progress
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.inspection.placed_map import Extent
    from inpaint_core.inspection.planned_fill import PlannedCrop, PlannedFill

_MASK = QColor("#ffffff")
_CROP = QColor("#ffe45c")
_TILE = QColor("#4fd8ff")
_BLEND = QColor("#b57bff")
_HATCH = 8  # logical pixels between lines


@dataclass(frozen=True, eq=False)
class BlendMap:
    """``strength`` (h, w) uint8 over ``extent``: 0 where one tile counts alone, 255 where two or
    more count equally.
    """

    strength: NDArray[np.uint8]
    extent: Extent


@dataclass(frozen=True, eq=False)
class PlanGeometry:
    """A planned fill and what is drawn of it.

    ``tiles``: the visible and the filled part of each tile of the finest level, ``share`` the scale
    of that level, ``side`` the longest side of a tile in the network's pixels.
    """

    planned: PlannedFill
    tiles: tuple[tuple[Extent, Extent], ...]
    blends: tuple[BlendMap, ...]
    share: float
    side: int


def compute_plan_geometry(request: InpaintRequest, progress: Progress) -> PlanGeometry:
    """The plan of a request, whose pixels are read only to choose an engine. On any thread; raises
    the errors of `preview_fill`.
    """
    from inpaint_core.inspection.planned_fill import preview_fill

    planned = preview_fill(request, progress)
    finest = [crop.levels[-1] for crop in planned.crops if crop.levels]
    tiles = tuple((tile.visible, tile.filled) for level in finest for tile in level)
    places = [tile.place for level in finest for tile in level]
    return PlanGeometry(
        planned,
        tiles,
        tuple(_map_blend(crop) for crop in planned.crops if crop.plan is not None),
        min((place.scale[0] for place in places), default=1.0),
        max((max(place.tile.w, place.tile.h) for place in places), default=0),
    )


def _map_blend(crop: PlannedCrop) -> BlendMap:
    import numpy as np

    assert crop.plan is not None
    level = crop.plan.levels[-1]
    largest = np.zeros((level.height, level.width), np.float32)
    for number, tile in enumerate(level.tiles):
        inner = tile.inner.slices
        largest[inner] = np.maximum(largest[inner], crop.share(len(crop.levels) - 1, number).values)
    blended = np.where(largest > 0, np.clip((1 - largest) * 2, 0, 1), 0)
    return BlendMap(np.rint(blended * 255).astype(np.uint8), _extent(crop.rect))


class PlanOverlay(Overlay):
    """Draws a plan, and a legend in the corner."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: PlanGeometry | None = None

    def show_plan(self, plan: PlanGeometry | None) -> None:
        """Show another plan or none."""
        if plan is not self.plan:
            self.plan = plan
            self.changed.emit()

    # -- over the photo --------------------------------------------------------------------------

    def draw(self, painter: QPainter, view: ViewTransform, rect: QRect) -> None:
        """Draw the mask as hatching, blending as colour, crops and tiles as outlines."""
        plan = self.plan
        if plan is None:
            return
        from app.ui.painting import qimage
        from app.ui.painting.map_pixels import map_pixels, tint_pixels, visible_rect

        for blend in plan.blends:
            part = visible_rect(blend.extent, view, rect)
            if not part.isEmpty() and blend.strength.any():
                strength = map_pixels(blend.strength, blend.extent, view, part)
                painter.drawImage(
                    part.topLeft(), qimage.overlay_image(tint_pixels(strength, _BLEND, 0.6))
                )
        self._hatch(painter, view, rect, plan)
        thick = max(round(view.ratio), 1)
        for visible, filled in plan.tiles:
            _paint_outline(painter, view.extent_to_screen(visible), _TILE, 2 * thick)
            if filled != visible:
                _paint_outline(
                    painter, view.extent_to_screen(filled), _TILE, 2 * thick, Qt.PenStyle.DotLine
                )
        for crop in plan.planned.crops:
            _paint_outline(painter, view.extent_to_screen(_extent(crop.rect)), _CROP, 2 * thick)

    def _hatch(
        self, painter: QPainter, view: ViewTransform, rect: QRect, plan: PlanGeometry
    ) -> None:
        import numpy as np

        from app.ui.painting import qimage
        from app.ui.painting.map_pixels import map_pixels, tint_pixels, visible_rect

        mask = plan.planned.mask
        extent = _extent(mask.rect)
        rect = visible_rect(extent, view, rect)
        if mask.rect.is_empty or rect.isEmpty():
            return
        hatching = map_pixels(mask.strength, extent, view, rect)
        left, top = view.corner
        period, line = round(_HATCH * view.ratio), max(round(2 * view.ratio), 1)
        x = np.arange(rect.x() - left, rect.x() - left + rect.width())
        y = np.arange(rect.y() - top, rect.y() - top + rect.height())
        hatching[(x[None, :] - y[:, None]) % period >= line] = 0
        painter.drawImage(rect.topLeft(), qimage.overlay_image(tint_pixels(hatching, _MASK, 0.75)))

    # -- in the corner ---------------------------------------------------------------------------

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the legend."""
        if self.plan is None:
            return
        rows = list_legend(self.plan)
        metrics = QFontMetrics(painter.font())
        line = metrics.height() + 4
        widest = max(metrics.horizontalAdvance(words) for _, words in rows)
        box = QRectF(0, 0, min(widest + 50, view.pane.width() - 16), line * len(rows) + 12)
        box.moveBottomLeft(view.pane.bottomLeft() + QPointF(8, -8))
        painter.fillRect(box, QColor(20, 20, 20, 215))
        for number, (mark, words) in enumerate(rows):
            top = box.top() + 6 + number * line
            _paint_swatch(painter, QRectF(box.left() + 10, top + 3, 18, line - 8), mark)
            painter.setPen(QColor("#f0f0f0"))
            room = QRectF(box.left() + 38, top, box.width() - 46, line)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, int(flags), shown)


LegendMark = Literal["mask", "crop", "tile", "filled", "blend", ""]
"""What of the plan a row of the legend explains; "": nothing that is drawn."""


def list_legend(plan: PlanGeometry) -> list[tuple[LegendMark, str]]:
    """What is drawn and what it means; below the crops, what else there is to know about them."""
    crops = plan.planned.crops
    if not crops:
        return [("", t("structure.sees.nothing"))]
    rows: list[tuple[LegendMark, str]] = [
        ("mask", t("structure.sees.mask")),
        ("crop", t("structure.sees.crops", n=len(crops))),
    ]
    for engine in dict.fromkeys(crop.engine for crop in crops):
        title = t.get(f"engines.{engine}", engine)
        rows.append(("", t("structure.sees.engine", engine=title)))
    if plan.tiles:
        percent = f"{plan.share:.0%}"[:-1]
        values = {"n": len(plan.tiles), "side": plan.side, "percent": percent}
        rows.append(("tile", t("structure.sees.tiles", **values)))
        if any(visible != filled for visible, filled in plan.tiles):
            rows.append(("filled", t("structure.sees.filled")))
        if any(blend.strength.any() for blend in plan.blends):
            rows.append(("blend", t("structure.sees.blend")))
    else:
        rows.append(("", t("structure.sees.whole")))
    return rows


def _extent(rect: Rect) -> Extent:
    return rect.x, rect.y, rect.right, rect.bottom


def _paint_swatch(painter: QPainter, swatch: QRectF, mark: LegendMark) -> None:
    """Paint a sample of what a row of the legend explains."""
    if not mark:
        return
    colour = {"mask": _MASK, "crop": _CROP, "blend": _BLEND}.get(mark, _TILE)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mark == "mask":
        painter.fillRect(swatch, Qt.BrushStyle.BDiagPattern)
        painter.fillRect(swatch, QColor(colour.red(), colour.green(), colour.blue(), 60))
    elif mark == "blend":
        painter.fillRect(swatch, colour)
    style = Qt.PenStyle.DotLine if mark == "filled" else Qt.PenStyle.SolidLine
    painter.setPen(QPen(colour, 2 if mark == "crop" else 1, style))
    painter.drawRect(swatch)


def _paint_outline(
    painter: QPainter,
    rect: QRectF,
    colour: QColor,
    width: int,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    """Paint a line inside ``rect``, solid ones over a dark line to be visible on any photo."""
    half = width / 2
    rect = rect.adjusted(half, half, -half, -half)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if style == Qt.PenStyle.SolidLine:
        painter.setPen(QPen(QColor(0, 0, 0, 150), width + 2))
        painter.drawRect(rect)
    pen = QPen(colour, width, style)
    painter.setPen(pen)
    painter.drawRect(rect)
