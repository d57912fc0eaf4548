"""Training samples, each a pure function of the seed and its number.

So a run that resumes, on whatever machine, goes on with exactly the samples that come next.
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
from inpaint_core.lab.training.hole_placement import Holes
from inpaint_core.lab.training.hole_shapes import BINS
from inpaint_core.lab.training.photo_archive import Photos
from inpaint_core.lab.training.procedural.scenes import picture
from inpaint_core.networks.tsgl.config import STRUCTURE_PRIORS, Config
from inpaint_core.networks.tsgl.inputs import Inputs, prepare
from inpaint_core.priors.canny import canny

_TRIES = 20
_LARGEST_CUT = 2.0
"""A crop is cut from up to this many times its side, then scaled: photos at use are scaled too."""


@dataclass(frozen=True, eq=False)
class Batch:
    """``inputs`` as the network gets them, ``truth`` (B, 3, H, W) in [-1, 1] and all its
    ``edges`` (B, 1, H, W) 0 or 1.
    """

    inputs: Inputs
    truth: Tensor
    edges: Tensor

    def to(self, device: str) -> Batch:
        """The batch on a device, maps in channels-last order."""
        inputs = self.inputs.to(device).to(memory_format=torch.channels_last)
        truth = self.truth.to(device, memory_format=torch.channels_last)
        return Batch(inputs, truth, self.edges.to(device))


def joined(batches: list[Batch]) -> Batch:
    """One batch of several."""
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


PLAIN = Holes()
"""Invented shapes that lie as they fall."""


def sample(
    photos: Photos,
    config: Config,
    side: int,
    seed: int,
    number: int,
    holes: Holes = PLAIN,
    procedural: float = 0.0,
) -> Batch:
    """Sample ``number`` as a batch of one; the share ``procedural`` of all shows drawn pictures
    instead of photos, and those that do not are the same for any share. Raises `BadRequest` when
    photo after photo is damaged.
    """
    rng = np.random.default_rng([seed, number])
    drawn_by = np.random.default_rng([seed, number, 1])
    if drawn_by.random() < procedural:
        truth = picture(drawn_by, side)
    else:
        truth = _crop(photos, rng, side)
    hole = holes.draw(rng, side, BINS[int(rng.integers(len(BINS)))])
    edges = canny(truth, np.zeros_like(hole))
    drawable = STRUCTURE_PRIORS[config.structure_prior].drawable
    drawn = draw_edges(rng, edges & hole) if drawable else None
    inputs = prepare(truth, hole, config, drawn)
    seen = torch.from_numpy(np.ascontiguousarray(truth.transpose(2, 0, 1)[None])) * 2 - 1
    return Batch(inputs, seen, torch.from_numpy(edges.astype(np.float32)[None, None]))


def _crop(photos: Photos, rng: Generator, side: int) -> FloatImage:
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
    raise BadRequest(
        f"{_TRIES} photos in a row could not be read.", "Check the photos to train on."
    )


def draw_edges(rng: Generator, edges: BoolMask) -> BoolMask:
    """What a person might have drawn of the true ``edges`` (h, w) bool inside the hole: nothing
    in half of the samples, some strokes in three of ten, everything in two.
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


def batches(
    make: Callable[[int, int], Batch], jobs: Iterator[tuple[int, int]], size: int, workers: int
) -> Yielding[Batch, None, None]:
    """One batch of ``size`` samples for each job (side, first number); the next one is made by
    ``workers`` threads, with ``make(side, number)``, while one is used.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: list[Future[Batch]] | None = None
        for side, first in jobs:
            started = [pool.submit(make, side, n) for n in range(first, first + size)]
            if waiting is not None:
                yield joined([future.result() for future in waiting])
            waiting = started
        if waiting is not None:
            yield joined([future.result() for future in waiting])
