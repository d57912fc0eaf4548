"""Training samples, each a pure function of the seed and its number.

So a resumed run continues with exactly the next samples, on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Generator as Yielding
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training.hole_sampler import BINS, HoleSampler
from inpaint_core.lab.training.photo_archive import PhotoArchive
from inpaint_core.lab.training.procedural.regular_structure import draw_regular_structure
from inpaint_core.lab.training.procedural.scenes import draw_picture
from inpaint_core.networks.inputs import Batch, join_batches
from inpaint_core.networks.losses.differentiable_augmentation import CHANCES, CHANCES_COUNT

_TRIES = 20
_LARGEST_CUT = 2.0
"""A crop is cut at up to this many times its side, then scaled: photos in use are scaled too."""
_LEAST_OF_WHOLE = 0.8
"""A whole view shows a square of at least this share of the photo's shorter side. Shapes keep their
proportions, since no view in use is squeezed; of a long photo, parts at its ends are left out."""
_BEFORE_STRUCTURE = (0.04, 0.3)
"""The share of a drawn picture of repeated structure that people or objects hide."""


SampleMaker = Callable[[Generator, FloatImage, BoolMask], Batch]
"""A network's sample as a batch of one from a picture (h, w, 3) in [0, 1] and a hole (h, w)."""

MapAdder = Callable[[Batch, FloatImage], Batch]
"""Puts the photo's map (h, w, 3) in [0, 1] into a sample."""

FREE_HOLES = HoleSampler()
"""Invented shapes anywhere."""


@dataclass(frozen=True)
class SampleMixture:
    """What samples show: the share ``procedural`` drawn pictures of any kind; of the others, the
    share ``structure`` drawn pictures of repeated structure, with people or objects before it as
    the hole; of the photos, the share ``whole_views`` as a whole, with holes as large as objects in
    scenes, and the rest in crops. Each 0 to 1. Another share changes no sample but those that
    become, or no longer are, of its kind.
    """

    procedural: float = 0.0
    structure: float = 0.0
    whole_views: float = 0.0


CROPS = SampleMixture()
"""Crops of photos only."""


def make_sample(
    photos: PhotoArchive,
    finish: SampleMaker,
    side: int,
    seed: int,
    number: int,
    holes: HoleSampler = FREE_HOLES,
    mixture: SampleMixture = CROPS,
    add_map: MapAdder | None = None,
    *,
    chances: bool = False,
) -> Batch:
    """Sample ``number`` as a batch of one. ``add_map`` puts the photo's map into it; ``chances``:
    its target `CHANCES` holds what `augment` needs. Raises `BadRequest` after too many damaged
    photos.
    """
    rng = np.random.default_rng([seed, number])
    drawn_by, structure_by, whole_by, augmented_by = (
        np.random.default_rng([seed, number, stream]) for stream in range(1, 5)
    )
    labels = None
    if drawn_by.random() < mixture.procedural:
        truth = draw_picture(drawn_by, side)
        hole = _draw_hole(holes, rng, side)
    elif structure_by.random() < mixture.structure:
        truth = draw_regular_structure(structure_by, side)
        hole = holes.draw_objects(structure_by, side, _BEFORE_STRUCTURE)
    elif whole_by.random() < mixture.whole_views:
        truth, labels = _random_square(photos, whole_by, side, _cut_whole)
        hole = holes.draw_objects(whole_by, side)
    else:
        truth, labels = _random_square(photos, rng, side, _cut_crop)
        hole = _draw_hole(holes, rng, side)
    sample = finish(rng, truth, hole)
    if add_map is not None and labels is not None:
        sample = add_map(sample, labels)
    if chances:
        drawn = augmented_by.random((1, CHANCES_COUNT, 1, 1), np.float32)
        targets = {**sample.targets, CHANCES: torch.from_numpy(drawn)}
        sample = replace(sample, targets=targets)
    return sample


def _draw_hole(holes: HoleSampler, rng: Generator, side: int) -> BoolMask:
    return holes.draw(rng, side, BINS[int(rng.integers(len(BINS)))])


def _cut_crop(rng: Generator, side: int, shorter: int) -> int:
    """The side of the square that a crop shows, in pixels of a photo with that ``shorter`` side."""
    return min(int(side * rng.uniform(1.0, _LARGEST_CUT)), shorter)


def _cut_whole(rng: Generator, side: int, shorter: int) -> int:
    """The side of the square that a whole view shows."""
    return max(int(shorter * rng.uniform(_LEAST_OF_WHOLE, 1.0)), 1)


def _random_square(
    photos: PhotoArchive,
    rng: Generator,
    side: int,
    cut_square: Callable[[Generator, int, int], int],
) -> tuple[FloatImage, FloatImage | None]:
    """A square of a random photo, perhaps mirrored, and of its map if there are maps: both
    (side, side, 3) in [0, 1].
    """
    for _ in range(_TRIES):
        number = int(rng.integers(len(photos)))
        photo, labels = photos.read(number), photos.read_map(number)
        if photo is None:
            continue
        if photos.has_maps and (labels is None or labels.shape != photo.shape):
            continue
        cut = cut_square(rng, side, min(photo.shape[:2]))
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
