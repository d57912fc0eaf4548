"""What each part of the network is trained on."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import torch
from numpy.random import Generator

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.request import View
from inpaint_core.networks.inputs import Batch, NetworkInputs, make_photo_sample, to_tensor
from inpaint_core.networks.zits.config import ZitsConfig, ZitsLosses
from inpaint_core.networks.zits.inputs import (
    ZitsInputs,
    draw_segments,
    find_scaled_segments,
    find_structure,
    make_square,
    prepare_inputs,
)

CHANCES = 5
"""Numbers in [0, 1) for what is drawn anew for each batch, see `ZitsObjective`."""

_SMALLEST, _LARGEST = 5, 25
"""Sides of the square by which a hole is narrowed where a rim of it is revealed."""


def make_sample(
    config: ZitsConfig, losses: ZitsLosses, rng: Generator, truth: FloatImage, hole: BoolMask
) -> Batch:
    """A batch of one for the part that is trained.

    Targets: “structure” (1, 2, S, S), all edges and lines of ``truth``; for the upsampler “lines”
    and “half_lines”, drawn at the crop's size and at half of it; for the whole network “chances”
    (1, 5, 1, 1).
    """
    if losses.part == "lama":
        return make_photo_sample(truth, hole)
    if losses.part == "ssu":
        return _make_lines(rng, truth, hole)
    learns = losses.part != "ftr"
    config = replace(config, edge_sigma=losses.edge_sigma) if learns else config
    view = View(truth, hole, ~hole)
    inputs = prepare_inputs(view, config)
    square, small = make_square(replace(view, hole=np.zeros_like(hole)), config)
    structure = to_tensor(find_structure(square, small, config))
    if losses.part == "tsr_refined" and rng.random() < losses.revealed:
        inputs = _reveal_rim(rng, inputs, structure)
    targets = {"structure": structure}
    if losses.part == "ftr":
        targets["chances"] = torch.from_numpy(rng.random((1, CHANCES, 1, 1), np.float32))
    return Batch(inputs, to_tensor(truth * 2 - 1), targets)


def _reveal_rim(rng: Generator, inputs: ZitsInputs, structure: torch.Tensor) -> ZitsInputs:
    """The inputs with all ``structure`` outside of a narrower hole, if anything is left of it; the
    picture stays hidden in the whole hole. So the transformer learns to go on from its own results.
    """
    side = int(rng.integers(_SMALLEST, _LARGEST + 1))
    hole = np.asarray(inputs.small_known[0, 0] == 0).astype(np.uint8)
    inner = cv2.erode(hole, np.ones((side, side), np.uint8)) > 0
    if not inner.any():
        return inputs
    known = to_tensor((~inner).astype(np.float32))
    shown = torch.where(inputs.small_known > 0, inputs.structure, structure) * known
    return replace(inputs, structure=shown, structure_known=known)


def _make_lines(rng: Generator, truth: FloatImage, hole: BoolMask) -> Batch:
    """Lines at both sizes; the smaller map is 0 or 1 everywhere in half of the samples."""
    side = len(truth)
    nowhere = np.zeros_like(hole)
    found = find_scaled_segments(truth, nowhere, side)
    lines = to_tensor(draw_segments(found, side))
    half = draw_segments([line.scale(0.5, 0.5) for line in found], side // 2)
    if rng.random() < 0.5:
        half = (half > 0.5).astype(np.float32)
    picture = (lines * 2 - 1).expand(-1, 3, -1, -1)
    inputs = NetworkInputs(picture, to_tensor((~hole).astype(np.float32)))
    return Batch(inputs, picture, {"lines": lines, "half_lines": to_tensor(half)})
