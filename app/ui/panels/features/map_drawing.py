"""Turn maps into images on a lane's thread, so that the UI thread only paints them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPolygonF

from app.inspection import maps
from app.inspection.maps import ChannelMosaic, Findings, MapQuery, RenderedMap
from app.ui.overlays.map_overlay import MapLayer
from app.ui.painting import qimage
from inpaint_core.contract.progress import Progress
from inpaint_core.inspection.colour_maps import draw_offset_wheel
from inpaint_core.inspection.map_picture import MapStyle
from inpaint_core.inspection.reduction import ChannelOrder

_BAR_WIDTH = 256


@dataclass(frozen=True, eq=False)
class DrawnMap:
    """A map as images: for the panel, for the overlay on the photo, and its legend."""

    shown: RenderedMap
    picture: QImage
    layers: tuple[MapLayer, ...]
    outline: tuple[QPolygonF, ...]
    legend: QImage


def draw_map(query: MapQuery, findings: Findings, progress: Progress) -> DrawnMap | None:
    """Draw a map; None if the run does not have it."""
    shown = maps.render_map(query, findings)
    progress.check()
    if shown is None:
        return None
    layers = tuple(
        MapLayer(overlay_image(overlay), placed_map.extent, placed_map.crop)
        for placed_map, overlay in zip(shown.maps, shown.overlays, strict=True)
    )
    outline = tuple(QPolygonF([QPointF(x, y) for x, y in line.tolist()]) for line in shown.outline)
    if shown.style is not None:
        legend = qimage.from_rgb(maps.render_colour_bar(shown.style.colours, _BAR_WIDTH))
    elif query.subject == "offsets":
        legend = overlay_image(draw_offset_wheel(96))
    else:
        legend = QImage()
    return DrawnMap(shown, qimage.from_rgb(shown.picture), layers, outline, legend)


def draw_channels(
    query: MapQuery, findings: Findings, by: ChannelOrder, width: int, progress: Progress
) -> tuple[ChannelMosaic, QImage] | None:
    """Draw all channels of a tap as a mosaic; None if the run does not have the tap."""
    if findings.run is None or not maps.count_levels(findings.run, query.tap):
        return None
    progress.check()
    mosaic = maps.render_mosaic(query, findings.run, by, width)
    return mosaic, qimage.from_rgb(mosaic.picture)


def draw_spectrum(
    query: MapQuery, findings: Findings, progress: Progress
) -> tuple[QImage, MapStyle, QImage] | None:
    """Draw a tap's spectrum, with its colour scale and colour bar; None if the tap is missing."""
    if findings.run is None or not maps.count_levels(findings.run, query.tap):
        return None
    progress.check()
    pixels, look = maps.render_spectrum(query, findings.run)
    return (
        qimage.from_rgb(pixels),
        look,
        qimage.from_rgb(maps.render_colour_bar(look.colours, _BAR_WIDTH)),
    )


def overlay_image(pixels: NDArray[np.uint8]) -> QImage:
    """Convert (h, w, 4) with alpha to the format that Qt paints fastest."""
    image = qimage.from_rgba(pixels[..., :3], pixels[..., 3])
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
