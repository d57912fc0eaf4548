"""Training samples, each a pure function of the seed and its number.

So a resumed run continues with exactly the next samples, on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Generator as Yielding
from concurrent.futures import Future, ThreadPoolExecutor

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training.hole_sampler import BINS, HoleSampler
from inpaint_core.lab.training.photo_archive import PhotoArchive
from inpaint_core.lab.training.procedural.scenes import draw_picture
from inpaint_core.networks.inputs import Batch, join_batches

_TRIES = 20
_LARGEST_CUT = 2.0
"""A crop is cut at up to this many times its side, then scaled: photos in use are scaled too."""


SampleMaker = Callable[[Generator, FloatImage, BoolMask], Batch]
"""A network's sample as a batch of one from a picture (h, w, 3) in [0, 1] and a hole (h, w)."""

MapAdder = Callable[[Batch, FloatImage], Batch]
"""Puts the photo's map (h, w, 3) in [0, 1] into a sample."""

FREE_HOLES = HoleSampler()
"""Invented shapes anywhere."""


def make_sample(
    photos: PhotoArchive,
    finish: SampleMaker,
    side: int,
    seed: int,
    number: int,
    holes: HoleSampler = FREE_HOLES,
    procedural: float = 0.0,
    add_map: MapAdder | None = None,
) -> Batch:
    """Sample ``number`` as a batch of one; a share ``procedural`` of all samples shows drawn
    pictures instead of photos, and the others do not depend on that share. ``add_map`` puts the
    photo's map into it. Raises `BadRequest` after too many damaged photos.
    """
    rng = np.random.default_rng([seed, number])
    drawn_by = np.random.default_rng([seed, number, 1])
    labels = None
    if drawn_by.random() < procedural:
        truth = draw_picture(drawn_by, side)
    else:
        truth, labels = _random_crop(photos, rng, side)
    hole = holes.draw(rng, side, BINS[int(rng.integers(len(BINS)))])
    sample = finish(rng, truth, hole)
    return sample if add_map is None or labels is None else add_map(sample, labels)


def _random_crop(
    photos: PhotoArchive, rng: Generator, side: int
) -> tuple[FloatImage, FloatImage | None]:
    """A random square of a random photo, perhaps mirrored, and of its map if there are maps: both
    (side, side, 3) in [0, 1].
    """
    for _ in range(_TRIES):
        number = int(rng.integers(len(photos)))
        photo, labels = photos.read(number), photos.read_map(number)
        if photo is None:
            continue
        if photos.has_maps and (labels is None or labels.shape != photo.shape):
            continue
        shorter = min(photo.shape[:2])
        cut = min(int(side * rng.uniform(1.0, _LARGEST_CUT)), shorter)
        y, x = (int(rng.integers(length - cut + 1)) for length in photo.shape[:2])
        at = np.s_[y : y + cut, x : x + cut]
        how = cv2.INTER_AREA if cut > side else cv2.INTER_CUBIC
        mirror = rng.random() < 0.5
        truth = _scale(photo[at], side, how, mirror)
        nearest = cv2.INTER_NEAREST_EXACT
        return truth, None if labels is None else _scale(labels[at], side, nearest, mirror)
    raise BadRequest("lab.bad_photos", count=_TRIES)


def _scale(square: NDArray[np.uint8], side: int, how: int, mirror: bool) -> FloatImage:
    """A square at another size, perhaps mirrored: (side, side, 3) in [0, 1]."""
    square = np.asarray(cv2.resize(square, (side, side), interpolation=how), np.uint8)
    if mirror:
        square = square[:, ::-1]
    return np.ascontiguousarray(square, np.float32) / np.float32(255)


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
