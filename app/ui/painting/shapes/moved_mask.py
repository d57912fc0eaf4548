"""A mask that is moved, turned or scaled, painted over the photo as the mask itself would be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from app.ui.painting import qimage, render
from app.ui.painting.pyramid import Pyramid
from app.ui.painting.view_transform import ViewTransform

if TYPE_CHECKING:
    from app.document.retouching.copy_placement import CopyPlacement
    from app.document.retouching.lifted_mask import LiftedMask


class MovedMask:
    """Paints a lifted mask, at the size at which it is seen."""

    def __init__(self, lifted: LiftedMask) -> None:
        self._lifted = lifted
        self._pyramid = Pyramid(lifted.values)

    def paint(
        self,
        painter: QPainter,
        view: ViewTransform,
        placement: CopyPlacement,
        colour: QColor,
        opacity: float,
    ) -> None:
        """Paint it where ``placement`` puts it, as strong as ``opacity`` 0 .. 1 at its most."""
        corners = [view.to_widget(QPointF(*p)) for p in self._lifted.find_corners(placement)]
        xs, ys = [p.x() for p in corners], [p.y() for p in corners]
        reach = QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys)))
        seen = reach.adjusted(-2, -2, 2, 2).intersected(view.pane)
        if seen.isEmpty():
            return
        ratio, line = view.ratio, max(round(view.ratio), 1)
        left, top = math.floor(seen.left() * ratio), math.floor(seen.top() * ratio)
        width = math.ceil(seen.right() * ratio) - left + 2 * line
        height = math.ceil(seen.bottom() * ratio) - top + 2 * line
        level = min(view.level, len(self._pyramid.levels) - 1)
        # From the middle of a screen pixel to the photo, from there to what is shown there, and to
        # the middles of the pixels of a level.
        x, y = view.corner
        to_photo = np.array(
            [
                [1 / view.zoom, 0, (left - line - x + 0.5) / view.zoom],
                [0, 1 / view.zoom, (top - line - y + 0.5) / view.zoom],
                [0, 0, 1],
            ]
        )
        step, rect = 2.0**level, self._lifted.rect
        to_level = np.array(
            [[1 / step, 0, -rect.x / step - 0.5], [0, 1 / step, -rect.y / step - 0.5]]
        )
        source = np.vstack([placement.matrix, (0, 0, 1)]) @ to_photo
        # The nearest pixel, where the mask itself is drawn so.
        way = cv2.INTER_NEAREST if view.zoom >= 2 else cv2.INTER_LINEAR
        sampled = cv2.warpAffine(
            self._pyramid.levels[level],
            to_level @ source,
            (width, height),
            flags=way | cv2.WARP_INVERSE_MAP,
        )
        table = render.make_tint_table(colour, opacity)
        tinted = render.tint_mask(np.asarray(sampled, np.uint8), table, line)
        if tinted is not None:
            image = qimage.overlay_image(tinted)
            image.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(left, top) / ratio, image)
