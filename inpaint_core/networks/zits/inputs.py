"""The network's inputs and outputs, and how inputs are made from a view of a photo."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.request import View
from inpaint_core.networks.inputs import NetworkInputs, NetworkOutput, hide_hole, to_tensor
from inpaint_core.networks.zits.config import ZitsConfig
from inpaint_core.networks.zits.position import DIRECTIONS, measure_positions
from inpaint_core.priors.canny import find_canny_edges
from inpaint_core.priors.lines import find_segments
from inpaint_core.raster.scaling import pad_view, shrink_view

LineFinder = Callable[[FloatImage, BoolMask, int], list[Segment]]
"""Finds segments in the known part of a square photo (h, h, 3) in [0, 1], in the coordinates of one
of so many pixels, see `find_scaled_segments`."""

_SHORTEST = 1 / 20
"""Of the picture's side: lines that are shorter do not count."""

_SUBPIXEL = 6  # bits


@dataclass(frozen=True, eq=False)
class ZitsInputs(NetworkInputs):
    """What the picture's network and the structure's transformer see.

    The maps of the latter are squares of the configuration's ``structure_side``; a view that is no
    square is continued to one by reflection, at the bottom or the right. ``small`` (B, 3, S, S) in
    [-1, 1] and ``small_known``: the picture. ``structure`` (B, 2, S, S) in [0, 1]: edges and lines,
    which are known where ``structure_known`` is 1: outside the hole and where they were drawn.
    ``distance`` (B, 1, S, S) and ``direction`` (B, 4, S, S) as of `measure_positions`.
    """

    small: Tensor
    small_known: Tensor
    structure: Tensor
    structure_known: Tensor
    distance: Tensor
    direction: Tensor


@dataclass(frozen=True, eq=False)
class ZitsOutput(NetworkOutput):
    """``structure`` (B, 2, H, W) in [0, 1]: completed edges and lines; None of a network that does
    not look at them.
    """

    structure: Tensor | None = None


def prepare_inputs(
    view: View, config: ZitsConfig, find_lines: LineFinder | None = None
) -> ZitsInputs:
    """A batch of one from a view.

    Edges and lines of the known part are found here, the latter by ``find_lines`` or else by
    OpenCV's detector; drawn ones, inside the hole, are taken over. Raises `NothingToCopy` when
    nothing is known.
    """
    square, small = make_square(view, config)
    hole, known = small.hole, ~small.hole
    structure = find_structure(square, small, config, find_lines)
    drawn = draw_structure(small) * hole[..., None]
    distance, direction = measure_positions(hole)
    return ZitsInputs(
        image=hide_hole(view.image, view.hole),
        known=to_tensor((~view.hole).astype(np.float32)),
        small=hide_hole(small.image, hole),
        small_known=to_tensor(known.astype(np.float32)),
        structure=to_tensor(structure + drawn),
        structure_known=to_tensor((known | drawn.any(axis=2)).astype(np.float32)),
        distance=to_tensor(distance),
        direction=to_tensor(direction),
    )


def make_empty_inputs(config: ZitsConfig, side: int) -> ZitsInputs:
    """Inputs of any values for a picture of ``side`` by ``side`` pixels."""

    def empty(channels: int, of: int = config.structure_side) -> Tensor:
        return torch.empty(1, channels, of, of)

    return ZitsInputs(
        empty(3, side), empty(1, side), empty(3), empty(1), empty(2), empty(1), empty(1),
        empty(len(DIRECTIONS)),
    )  # fmt: skip


def make_square(view: View, config: ZitsConfig) -> tuple[View, View]:
    """The view continued to a square by reflection, and that at the transformer's size."""
    square = pad_view(view, max(view.hole.shape))
    return square, shrink_view(square, config.structure_side, config.structure_side)


def find_structure(
    square: View, small: View, config: ZitsConfig, find_lines: LineFinder | None = None
) -> FloatImage:
    """Edges and lines of the known part of a square view, at the transformer's size: (S, S, 2) in
    [0, 1], 0 in the hole. ``small`` is the view at that size; ``find_lines`` as of
    `prepare_inputs`.
    """
    side, hole = config.structure_side, small.hole
    maps = np.zeros((side, side, 2), np.float32)
    maps[..., 0] = find_canny_edges(small.image, hole, config.edge_sigma)
    if config.line_prior != "none":
        find = find_lines or find_scaled_segments
        found = find(square.image, square.hole, side)
        maps[..., 1] = np.where(hole, 0, draw_segments(found, side))
    return maps


def draw_structure(small: View) -> FloatImage:
    """What was drawn, as edges and lines (S, S, 2) in [0, 1]. Segments that count as lines are
    those of some length: curves consist of shorter ones.
    """
    side = len(small.hole)
    maps = np.zeros((side, side, 2), np.float32)
    if small.edges is not None:
        maps[..., 0] = small.edges
    long = [s for s in small.lines if np.hypot(s.x1 - s.x0, s.y1 - s.y0) >= _SHORTEST * side]
    maps[..., 1] = draw_segments(long, side)
    return maps


def find_scaled_segments(image: FloatImage, hole: BoolMask, side: int) -> list[Segment]:
    """Segments in the known part of a square photo (h, h, 3) in [0, 1], in the coordinates of one
    of ``side`` pixels.
    """
    scale = side / len(image)
    found = find_segments(image, hole, _SHORTEST * len(image))
    return [Segment(*map(float, ends)).scale(scale, scale) for ends in found]


def draw_segments(segments: Iterable[Segment], side: int) -> NDArray[np.float32]:
    """Segments as lines one pixel wide with soft sides, (side, side) float32 in [0, 1]."""
    levels = np.zeros((side, side), np.uint8)
    for line in segments:
        ends = np.rint(np.array([line.x0, line.y0, line.x1, line.y1]) * (1 << _SUBPIXEL))
        x0, y0, x1, y1 = (int(end) for end in ends)
        cv2.line(levels, (x0, y0), (x1, y1), 255, 1, cv2.LINE_AA, _SUBPIXEL)
    return levels.astype(np.float32) / np.float32(255)
