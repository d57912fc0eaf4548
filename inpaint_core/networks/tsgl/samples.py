"""What the network is trained on: the priors of a picture, with some of its edges drawn."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.networks.inputs import Batch, to_tensor
from inpaint_core.networks.tsgl.config import SEMANTIC, STRUCTURE_PRIORS, Config, TsglLosses
from inpaint_core.networks.tsgl.inputs import Inputs, prepare_inputs
from inpaint_core.priors.canny import find_canny_edges


def make_sample(
    config: Config, losses: TsglLosses, rng: Generator, truth: FloatImage, hole: BoolMask
) -> Batch:
    """A batch of one, whose target “edges” (1, 1, h, w) holds all edges of ``truth``, 0 or 1. A
    semantic map is 0 until `add_semantic_map`.
    """
    edges = find_canny_edges(truth, np.zeros_like(hole))
    drawable = STRUCTURE_PRIORS[config.structure_prior].drawable
    drawn = draw_edges(rng, edges & hole) if drawable else None
    inputs = prepare_inputs(truth, hole, config, drawn, {SEMANTIC: np.zeros_like(truth)})
    return Batch(inputs, to_tensor(truth * 2 - 1), {"edges": to_tensor(edges.astype(np.float32))})


def add_semantic_map(batch: Batch, labels: FloatImage) -> Batch:
    """The sample with its map (h, w, 3) float32 in [0, 1] as the structure."""
    inputs = batch.inputs
    assert isinstance(inputs, Inputs)
    return replace(batch, inputs=replace(inputs, structure=to_tensor(labels) * inputs.known))


def draw_edges(rng: Generator, edges: BoolMask) -> BoolMask:
    """What a user might have drawn of the true ``edges`` (h, w) bool inside the hole: nothing in
    half of the samples, some strokes in three of ten, everything in two.
    """
    chance = rng.random()
    if chance < 0.5:
        return np.zeros_like(edges)
    if chance < 0.7:
        return edges
    count, label = cv2.connectedComponents(edges.astype(np.uint8), connectivity=8)
    kept = rng.random(count) < 0.3
    kept[0] = False  # the background
    return np.asarray(kept[label])
