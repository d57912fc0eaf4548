"""What decided a filled pixel, as figures and pictures: its source, or the network's gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.request import InpaintResult
from inpaint_core.inspection.capture import InspectedRun, TileCapture
from inpaint_core.inspection.colour_maps import ValueScale
from inpaint_core.inspection.map_picture import (
    MapStyle,
    add_caption,
    display_size,
    draw_map,
    draw_marker,
    draw_outline,
    draw_photo,
)
from inpaint_core.inspection.placed_map import PlacedMap, merge_tiles


@dataclass(frozen=True, eq=False)
class Influence:
    """How the brightness of one pixel (``x``, ``y``) of the network's picture responds to small
    changes of the network's inputs, at the tile that holds it.

    ``photo``: the L2 norm over red, green and blue of d brightness / d photo, both in [0, 1], at
    each tile pixel; ``edges``: |d brightness / d edge|, None for a network without edges.
    ``value``: the brightness itself. Inside the hole the photo has no influence, and edges only
    where they were drawn.
    """

    x: int
    y: int
    value: float
    capture: TileCapture
    photo: PlacedMap
    edges: PlacedMap | None

    @property
    def strongest(self) -> tuple[int, int]:
        """The photo's pixel (x, y) with the largest gradient."""
        row, column = np.unravel_index(
            int(np.nanargmax(self.photo.values)), self.photo.values.shape
        )
        x, y = self.photo.to_photo(int(row), int(column))
        return int(x), int(y)


def find_influence(run: InspectedRun, x: int, y: int) -> Influence:
    """The gradient of the photo's pixel (x, y), at the finest tile that fills it.

    It is that of the network's output there, before it takes over the coarse colours of the first
    look. Which pixel the native-resolution stage then copied has no gradient; `find_source` says
    which. Raises `BadRequest` when the pixel was not filled, or not by a network.
    """
    capture = _find_capture(run, x, y)
    net = capture.generator_pass.net
    if not hasattr(net, "find_gradient"):
        title = capture.generator_pass.spec.title
        raise BadRequest("inspection.no_network", engine=title)
    row, column = capture.place.pixel(x, y)
    felt = net.find_gradient(capture.generator_pass.view, row, column)
    size = np.sqrt(np.square(felt.photo).sum(axis=0)).astype(np.float32)
    by_photo = merge_tiles([(capture.place, size)], 1)
    by_edges = None if felt.edges is None else merge_tiles([(capture.place, felt.edges)], 1)
    return Influence(x, y, felt.value, capture, by_photo, by_edges)


def _find_capture(run: InspectedRun, x: int, y: int) -> TileCapture:
    """The last, and so finest, pass that filled a pixel."""
    for capture in reversed(run.captures):
        if capture.place.fills(x, y):
            row, column = capture.place.pixel(x, y)
            if capture.hole[row, column]:
                return capture
    raise BadRequest("inspection.pixel_not_filled", x=x, y=y)


def find_source(result: InpaintResult, x: int, y: int) -> tuple[int, int] | None:
    """The photo's pixel (x, y) that the filled pixel (x, y) was copied from; None if nothing was
    copied there or the result has no offsets.
    """
    offsets, rect = result.products.get("offsets"), result.rect
    if offsets is None or not (rect.x <= x < rect.right and rect.y <= y < rect.bottom):
        return None
    dy, dx = (int(v) for v in offsets[y - rect.y, x - rect.x])
    return None if (dy, dx) == (0, 0) else (x + dx, y + dy)


def is_in_perspective(result: InpaintResult, x: int, y: int) -> bool:
    """Whether the filled pixel (x, y) continues a plane: then it was read between the photo's
    pixels, and `find_source` gives the nearest one.
    """
    perspective, rect = result.products.get("perspective"), result.rect
    return perspective is not None and bool(perspective[y - rect.y, x - rect.x])


_SPREAD = 99.8
"""The percentile shown brightest: a few pixels beside the hole outshine all others."""


def draw_influence(run: InspectedRun, why: Influence, of: Literal["photo", "edges"]) -> Image.Image:
    """What influenced a pixel, as a heat map over the crop with the pixel ringed.

    Raises ValueError for the edges of a network that has none.
    """
    placed = why.photo if of == "photo" else why.edges
    if placed is None:
        raise ValueError("the network was given no edges")
    finite = placed.values[np.isfinite(placed.values)]
    most = float(np.percentile(finite, _SPREAD)) if finite.any() else 0.0
    style = MapStyle(ValueScale(0.0, most), "ember", "gradient")
    picture = draw_outline(draw_map(placed, style, placed.crop), run.hole(placed.crop))
    width, height = display_size(placed.crop)
    x = (why.x + 0.5 - placed.crop.x) * width / placed.crop.w
    y = (why.y + 0.5 - placed.crop.y) * height / placed.crop.h
    title = f"What of the {of} decided the pixel {why.x}, {why.y}"
    return add_caption(draw_marker(picture, x, y), title, style)


def draw_source(run: InspectedRun, x: int, y: int) -> Image.Image:
    """The filled photo around a pixel and its source, with a line between them."""
    source = find_source(run.result, x, y)
    ends = [(x, y)] if source is None else [(x, y), source]
    box = run.result.rect
    for end in ends:
        box = box.union(Rect(*end, 1, 1))
    rect = box.grow(32).intersect(Rect.whole(run.request.image.shape))
    picture = draw_photo(run.result.applied_to(run.request.image), rect)
    picture = draw_outline(picture, run.hole(rect))
    scale = picture.shape[1] / rect.w
    at = [((ex + 0.5 - rect.x) * scale, (ey + 0.5 - rect.y) * scale) for ex, ey in ends]
    if source is not None:
        line = [(round(px), round(py)) for px, py in at]
        cv2.line(picture, line[0], line[1], (0, 0, 0), 4, cv2.LINE_AA)
        cv2.line(picture, line[0], line[1], (255, 255, 255), 2, cv2.LINE_AA)
    for px, py in at:
        picture = draw_marker(picture, px, py)
    text = "was not copied" if source is None else f"was copied from {source[0]}, {source[1]}"
    if source is not None and is_in_perspective(run.result, x, y):
        text = f"continues a plane, read near {source[0]}, {source[1]}"
    return add_caption(picture, f"The pixel {x}, {y} {text}")
