"""Draws the cells of a figure and lays them out as papers do: lettered rows under column heads.

Words would have to be translated, so a sheet has none: letters, sizes and numbers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.inspection.colour_maps import (
    STEPS,
    ValueScale,
    colour_table,
    find_scale,
    paint_values,
)
from inpaint_core.inspection.figures.channel_vectors import Maps
from inpaint_core.inspection.figures.paper_figure import Evidence
from inpaint_core.inspection.map_picture import (
    MapStyle,
    Rgb,
    display_size,
    draw_map,
    draw_outline,
    lay_on_grey,
)
from inpaint_core.inspection.map_statistics import spectrum
from inpaint_core.inspection.placed_map import merge_tiles
from inpaint_core.inspection.reduction import Plane, reduce_channels

CELL = 180
"""Pixels of the longer side of a cell's picture."""

_PAPER, _INK, _FAINT = (255, 255, 255), (24, 26, 29), (90, 94, 100)
_MARGIN, _GAP, _LINE, _LETTER, _WORD = 10, 8, 20, 32, 38
_BAR = (120, 10)


@dataclass(frozen=True, eq=False)
class Cell:
    """A picture, and the numbers under it."""

    picture: Rgb
    note: str = ""


def map_cell(
    evidence: Evidence,
    values: Plane,
    stride: int,
    scale: ValueScale | None = None,
    note: str | None = None,
) -> Cell:
    """A map (h, w) of the evidence's tile over its crop, with the hole's outline. ``scale`` None:
    its own, without the outermost hundredths. ``note`` None: the ends of the scale.
    """
    place = evidence.capture.place
    placed = merge_tiles([(place, values)], stride)
    scale = find_scale(placed.values, "percentile") if scale is None else scale
    picture = draw_map(placed, MapStyle(scale), place.crop, CELL)
    return Cell(draw_outline(picture, evidence.hole), format_ends(scale) if note is None else note)


def strength_cell(evidence: Evidence, maps: Maps, stride: int, note: str | None = None) -> Cell:
    """A map (C, h, w) by the L2 norm of its channels."""
    return map_cell(evidence, reduce_channels(maps, "norm"), stride, note=note)


def spectrum_cell(evidence: Evidence, maps: Maps) -> Cell:
    """The spectrum of a map (C, h, w), low frequencies in the middle; as large as its map."""
    plane = spectrum(maps)
    scale = find_scale(plane)
    picture = lay_on_grey(paint_values(plane, scale))
    size = display_size(evidence.capture.place.crop, CELL)
    method = cv2.INTER_AREA if size[0] < plane.shape[1] else cv2.INTER_NEAREST
    return Cell(np.asarray(cv2.resize(picture, size, interpolation=method), np.uint8))


def picture_cell(picture: FloatImage, note: str = "") -> Cell:
    """A picture (h, w, 3) in [0, 1]."""
    height, width = picture.shape[:2]
    scale = CELL / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    sized = cv2.resize(picture, size, interpolation=method)
    return Cell(np.rint(np.clip(np.asarray(sized), 0, 1) * 255).astype(np.uint8), note)


def plane_cell(values: Plane, scale: ValueScale | None = None) -> Cell:
    """A map (h, w) that is not of the tile, such as one of a picture's own pixels."""
    scale = find_scale(values, "percentile") if scale is None else scale
    picture = lay_on_grey(paint_values(values, scale)) / np.float32(255)
    return picture_cell(picture.astype(np.float32), format_ends(scale))


def format_ends(scale: ValueScale) -> str:
    """Both ends of a scale in a few digits."""
    return f"{scale.low:.3g} .. {scale.high:.3g}"


def draw_sheet(
    heads: Sequence[str], rows: Sequence[Sequence[Cell | None]], *, bar: bool = True
) -> Image.Image:
    """The rows under each other, lettered from (a) on, with a head above each column; None leaves a
    cell empty. ``bar``: below them the colours from the smallest to the largest value.
    """
    font, small = ImageFont.load_default(16), ImageFont.load_default(14)
    cells = [cell for row in rows for cell in row if cell is not None]
    wide = max(cell.picture.shape[1] for cell in cells)
    highs = [max(c.picture.shape[0] for c in row if c is not None) for row in rows]
    notes = [_LINE if any(c is not None and c.note for c in row) else 0 for row in rows]
    left, top = _MARGIN + _LETTER, _MARGIN + _LINE + 4
    width = left + len(heads) * (wide + _GAP) - _GAP + _MARGIN
    height = top + sum(highs) + sum(notes) + len(rows) * _GAP + (_LINE if bar else 0) + _MARGIN
    sheet = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for column, head in enumerate(heads):
        middle = left + column * (wide + _GAP) + wide / 2
        draw.text((middle, _MARGIN + _LINE / 2), head, _INK, font, anchor="mm")
    for number, (row, high, below) in enumerate(zip(rows, highs, notes, strict=True)):
        draw.text((_MARGIN, top + high / 2), f"({chr(97 + number)})", _INK, font, anchor="lm")
        for column, cell in enumerate(row):
            if cell is None:
                continue
            x = left + column * (wide + _GAP)
            sheet.paste(Image.fromarray(cell.picture), (x, top))
            under = (x + cell.picture.shape[1] / 2, top + cell.picture.shape[0] + _LINE / 2 + 1)
            draw.text(under, cell.note, _FAINT, small, anchor="mm")
        top += high + below + _GAP
    if bar:
        _draw_bar(sheet, draw, left, top)
    return sheet


def _draw_bar(sheet: Image.Image, draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    font, middle = ImageFont.load_default(14), top + 4 + _BAR[1] / 2
    colours = colour_table("dusk")[np.linspace(0, STEPS - 1, _BAR[0]).astype(int)]
    picture = Image.fromarray(np.tile(colours[None], (_BAR[1], 1, 1)))
    sheet.paste(picture, (left + _WORD, top + 4))
    draw.text((left, middle), "min", _FAINT, font, anchor="lm")
    draw.text((left + _WORD + _BAR[0] + 6, middle), "max", _FAINT, font, anchor="lm")
