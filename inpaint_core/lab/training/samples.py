"""Training samples, each a pure function of the seed and its number.

So a resumed run continues with exactly the next samples, on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Generator as Yielding
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training.hole_sampler import BINS, HoleSampler
from inpaint_core.lab.training.photo_archive import PhotoArchive
from inpaint_core.lab.training.procedural.scenes import draw_picture
from inpaint_core.networks.tsgl.config import STRUCTURE_PRIORS, Config
from inpaint_core.networks.tsgl.inputs import Inputs, prepare_inputs
from inpaint_core.priors.canny import find_canny_edges

_TRIES = 20
_LARGEST_CUT = 2.0
"""A crop is cut at up to this many times its side, then scaled: photos in use are scaled too."""


@dataclass(frozen=True, eq=False)
class Batch:
    """The network's ``inputs``, the ``truth`` (B, 3, H, W) in [-1, 1] and all its ``edges``
    (B, 1, H, W), 0 or 1.
    """

    inputs: Inputs
    truth: Tensor
    edges: Tensor

    def to(self, device: str) -> Batch:
        """The batch on a device, in channels-last order."""
        inputs = self.inputs.to(device).to(memory_format=torch.channels_last)
        truth = self.truth.to(device, memory_format=torch.channels_last)
        return Batch(inputs, truth, self.edges.to(device))


def join_batches(batches: list[Batch]) -> Batch:
    """Concatenate several batches."""
    parts = [batch.inputs for batch in batches]
    textures = [part.texture for part in parts if part.texture is not None]
    return Batch(
        Inputs(
            image=torch.cat([p.image for p in parts]),
            structure=torch.cat([p.structure for p in parts]),
            known=torch.cat([p.known for p in parts]),
            structure_known=torch.cat([p.structure_known for p in parts]),
            texture=torch.cat(textures) if textures else None,
        ),
        torch.cat([b.truth for b in batches]),
        torch.cat([b.edges for b in batches]),
    )


FREE_HOLES = HoleSampler()
"""Invented shapes anywhere."""


def make_sample(
    photos: PhotoArchive,
    config: Config,
    side: int,
    seed: int,
    number: int,
    holes: HoleSampler = FREE_HOLES,
    procedural: float = 0.0,
) -> Batch:
    """Sample ``number`` as a batch of one; a share ``procedural`` of all samples shows drawn
    pictures instead of photos, and the others do not depend on that share. Raises `BadRequest`
    after too many damaged photos.
    """
    rng = np.random.default_rng([seed, number])
    drawn_by = np.random.default_rng([seed, number, 1])
    if drawn_by.random() < procedural:
        truth = draw_picture(drawn_by, side)
    else:
        truth = _random_crop(photos, rng, side)
    hole = holes.draw(rng, side, BINS[int(rng.integers(len(BINS)))])
    edges = find_canny_edges(truth, np.zeros_like(hole))
    drawable = STRUCTURE_PRIORS[config.structure_prior].drawable
    drawn = draw_edges(rng, edges & hole) if drawable else None
    inputs = prepare_inputs(truth, hole, config, drawn)
    seen = torch.from_numpy(np.ascontiguousarray(truth.transpose(2, 0, 1)[None])) * 2 - 1
    return Batch(inputs, seen, torch.from_numpy(edges.astype(np.float32)[None, None]))


def _random_crop(photos: PhotoArchive, rng: Generator, side: int) -> FloatImage:
    """A random square of a random photo, perhaps mirrored: (side, side, 3) in [0, 1]."""
    for _ in range(_TRIES):
        photo = photos.read(int(rng.integers(len(photos))))
        if photo is None:
            continue
        shorter = min(photo.shape[:2])
        cut = min(int(side * rng.uniform(1.0, _LARGEST_CUT)), shorter)
        y, x = (int(rng.integers(length - cut + 1)) for length in photo.shape[:2])
        square = photo[y : y + cut, x : x + cut]
        how = cv2.INTER_AREA if cut > side else cv2.INTER_CUBIC
        square = np.asarray(cv2.resize(square, (side, side), interpolation=how), np.uint8)
        if rng.random() < 0.5:
            square = square[:, ::-1]
        return np.ascontiguousarray(square, np.float32) / np.float32(255)
    raise BadRequest("lab.bad_photos", count=_TRIES)


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


def make_batches(
    make: Callable[[int, int], Batch], jobs: Iterator[tuple[int, int]], size: int, workers: int
) -> Yielding[Batch, None, None]:
    """One batch of ``size`` samples for each job (side, first number); ``workers`` threads make the
    next one with ``make(side, number)`` while one is used.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: list[Future[Batch]] | None = None
        for side, first in jobs:
            started = [pool.submit(make, side, n) for n in range(first, first + size)]
            if waiting is not None:
                yield join_batches([future.result() for future in waiting])
            waiting = started
        if waiting is not None:
            yield join_batches([future.result() for future in waiting])
