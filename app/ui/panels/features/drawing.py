"""From maps to images: what a lane does for the panel, so that the window only draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPolygonF

from app.inspection import maps
from app.inspection.maps import Findings, Mosaic, Query, Shown
from app.ui.overlays.map_overlay import Layer
from app.ui.painting import qimage
from inpaint_core.contract.progress import Progress
from inpaint_core.inspection.map_picture import Look
from inpaint_core.inspection.provenance import wheel
from inpaint_core.inspection.reduction import Order

_BAR = 256


@dataclass(frozen=True, eq=False)
class Drawn:
    """A map as images: in the panel, over the photo, and what its colours mean."""

    shown: Shown
    picture: QImage
    layers: tuple[Layer, ...]
    outline: tuple[QPolygonF, ...]
    legend: QImage


def drawn(query: Query, found: Findings, progress: Progress) -> Drawn | None:
    """Draw a map; None where there is none."""
    shown = maps.draw(query, found)
    progress.check()
    if shown is None:
        return None
    layers = tuple(
        Layer(veil_image(veil), laid.extent, laid.crop)
        for laid, veil in zip(shown.laid, shown.veils, strict=True)
    )
    outline = tuple(QPolygonF([QPointF(x, y) for x, y in line.tolist()]) for line in shown.outline)
    if shown.look is not None:
        legend = qimage.image(maps.bar(shown.look.colours, _BAR))
    elif query.subject == "offsets":
        legend = veil_image(wheel(96))
    else:
        legend = QImage()
    return Drawn(shown, qimage.image(shown.picture), layers, outline, legend)


def gridded(
    query: Query, found: Findings, by: Order, width: int, progress: Progress
) -> tuple[Mosaic, QImage] | None:
    """Draw all channels of a tap; None where there are none."""
    if found.run is None or not maps.levels(found.run, query.tap):
        return None
    progress.check()
    mosaic = maps.mosaic(query, found.run, by, width)
    return mosaic, qimage.image(mosaic.picture)


def spectral(
    query: Query, found: Findings, progress: Progress
) -> tuple[QImage, Look, QImage] | None:
    """Draw a tap's spectrum; with its scale and the bar of its colours."""
    if found.run is None or not maps.levels(found.run, query.tap):
        return None
    progress.check()
    pixels, look = maps.spectral(query, found.run)
    return qimage.image(pixels), look, qimage.image(maps.bar(look.colours, _BAR))


def veil_image(veil: NDArray[np.uint8]) -> QImage:
    """(h, w, 4) with alpha in the format that is drawn fastest."""
    image = qimage.with_alpha(veil[..., :3], veil[..., 3])
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
