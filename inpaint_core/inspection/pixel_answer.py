"""Pictures that answer a question about one pixel."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from PIL import Image

from inpaint_core.contract.geometry import Rect
from inpaint_core.inspection.capture import Run
from inpaint_core.inspection.colour_maps import Scale
from inpaint_core.inspection.influence import Influence
from inpaint_core.inspection.map_picture import (
    Look,
    captioned,
    display_size,
    marked,
    outlined,
    photo_shown,
    shown,
)
from inpaint_core.inspection.provenance import source_of

_SPREAD = 99.8
"""The percentile that is shown brightest: a few pixels beside the hole outshine all others."""


def influence_picture(run: Run, why: Influence, of: Literal["photo", "edges"]) -> Image.Image:
    """What decided a pixel, as a heat map over the crop with the pixel ringed.

    Raises ValueError for the edges of a network that has none.
    """
    laid = why.photo if of == "photo" else why.edges
    if laid is None:
        raise ValueError("the network was given no edges")
    finite = laid.values[np.isfinite(laid.values)]
    most = float(np.percentile(finite, _SPREAD)) if finite.any() else 0.0
    look = Look(Scale(0.0, most), "ember", "gradient")
    picture = outlined(shown(laid, look, laid.crop), run.hole(laid.crop))
    width, height = display_size(laid.crop)
    x = (why.x + 0.5 - laid.crop.x) * width / laid.crop.w
    y = (why.y + 0.5 - laid.crop.y) * height / laid.crop.h
    title = f"What of the {of} decided the pixel {why.x}, {why.y}"
    return captioned(marked(picture, x, y), title, look)


def source_picture(run: Run, x: int, y: int) -> Image.Image:
    """The filled photo around a pixel and its source, with a line from one to the other."""
    source = source_of(run.result, x, y)
    ends = [(x, y)] if source is None else [(x, y), source]
    box = Rect.from_bounds(
        min(e[0] for e in ends),
        min(e[1] for e in ends),
        max(e[0] for e in ends) + 1,
        max(e[1] for e in ends) + 1,
    ).union(run.result.rect)
    rect = box.grow(32).intersect(Rect.whole(run.request.image.shape))
    picture = photo_shown(run.result.applied_to(run.request.image), rect)
    picture = outlined(picture, run.hole(rect))
    scale = picture.shape[1] / rect.w
    at = [((ex + 0.5 - rect.x) * scale, (ey + 0.5 - rect.y) * scale) for ex, ey in ends]
    if source is not None:
        line = [(round(px), round(py)) for px, py in at]
        cv2.line(picture, line[0], line[1], (0, 0, 0), 4, cv2.LINE_AA)
        cv2.line(picture, line[0], line[1], (255, 255, 255), 2, cv2.LINE_AA)
    for px, py in at:
        picture = marked(picture, px, py)
    text = "was not copied" if source is None else f"was copied from {source[0]}, {source[1]}"
    return captioned(picture, f"The pixel {x}, {y} {text}")
