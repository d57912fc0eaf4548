"""How strongly a network's fills show details, octave by octave; the rest is made up for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import SHOWN, InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.exemplar.pyramid import DETAILS, blur_details
from inpaint_core.lab.evaluation.cases import Sample
from inpaint_core.lab.evaluation.photo_groups import find_largest_view
from inpaint_core.networks.store.manifest import LEAST_SHOWN

DEEP = 0.8
"""The share of what a blur sees that must be hole for a pixel to count as deep."""
FEWEST_PIXELS = 2000
"""Deep pixels of an octave, over all photos, below which nothing is known of it."""

Sums = NDArray[np.float64]


def measure_shown(
    engine: Engine, engine_id: str, samples: Sequence[Sample], progress: Progress, device: str
) -> tuple[float, ...]:
    """The slopes, as `SHOWN`, of the details in what a network made of the holes of the ``samples``
    before the native stage; those of `SHOWN` for octaves of which the holes are too small to tell.

    ``engine_id``: the generator, fully trusted. Raises what fills raise, and `Cancelled`.
    """
    sums = np.zeros((len(SHOWN), 3))
    for number, sample in enumerate(samples):
        request = InpaintRequest(
            image=sample.truth,
            mask=np.where(sample.hole, 255, 0).astype(np.uint8),
            options=FillOptions(engine=engine_id, feather=0.0, device=device),
            want=frozenset({"coarse"}),
        )
        part = progress.part(number / len(samples), (number + 1) / len(samples))
        result = engine.inpaint(request, part)
        fill = result.applied_to(sample.truth).astype(np.float32)
        coarse = result.products.get("coarse")  # there is none where its fill is used as it is
        if coarse is not None:
            filled = (coarse != 0).any(axis=2)
            fill[result.rect.slices][filled] = 255 * coarse[filled]
        seen = find_largest_view(sample)
        truth = sample.truth[seen.rect.slices].astype(np.float32)
        sums += compare_details(truth, fill[seen.rect.slices], seen.own)
    return find_slopes(sums)


def compare_details(truth: FloatImage, fill: FloatImage, hole: BoolMask) -> Sums:
    """For each octave of `DETAILS`, over the pixels deep in the ``hole`` (h, w): the sum of the
    products of the details of ``fill`` and ``truth`` (h, w, 3), that of the truth's squares, and
    the number of these pixels; (4, 3).
    """
    whole, mask = np.where(hole[..., None], fill, truth), hole.astype(np.float32)
    sums = np.zeros((len(SHOWN), 3))
    coarser = [blur_details(each, DETAILS[0]) for each in (whole, truth)]
    for at, detail in enumerate(DETAILS[1:]):
        finer = [blur_details(each, detail) for each in (whole, truth)]
        deep = hole & (blur_details(mask, detail) >= DEEP)
        shown, true = (f[deep] - c[deep] for f, c in zip(finer, coarser, strict=True))
        sums[at] = (shown * true).sum(), np.square(true).sum(), np.count_nonzero(deep)
        coarser = finer
    return sums


def find_slopes(sums: Sums) -> tuple[float, ...]:
    """The slopes of sums of `compare_details`, between `LEAST_SHOWN` and 1."""
    return tuple(
        usual if count < FEWEST_PIXELS else round(min(max(both / true, LEAST_SHOWN), 1.0), 2)
        for (both, true, count), usual in zip(sums.tolist(), SHOWN, strict=True)
    )
