"""Every score of one fill, in one call.

    scores = score_fill(truth, filled, hole)               # (H, W, 3) uint8 twice, (H, W) bool
    scores = score_fill(truth, filled, hole, features=FeatureDistance(path))

The protocol is the same for all candidates: only the inside of the hole is taken from the fill,
everything else comes from the truth, and both are 8-bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from math import exp, log
from typing import Any

import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.geometry import Rect
from inpaint_core.lab.evaluation.broken_lines import count_broken_lines
from inpaint_core.lab.evaluation.edge_metrics import border_error, edge_error, seam
from inpaint_core.lab.evaluation.pixel_metrics import (
    SSIM_REACH,
    Composite,
    coarse_error,
    patch_distance,
    psnr,
    sharpness,
    ssim_map,
)

PerceptualMetric = Callable[[Composite, Composite, BoolMask], float]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one fill. PSNR in dB; L1, coarse error and patch distance in 8-bit levels.

    ``edges`` is the error of the edges, 0 to 1. ``features`` and ``lpips`` are None if no network
    was given. ``blur`` is |ln sharpness|: 0 is ideal, and unlike in a mean of ``sharpness`` a
    photo that is too crisp does not make up for a blurred one.
    """

    psnr_hole: float
    psnr: float
    ssim_hole: float
    ssim: float
    l1_hole: float
    l1: float
    coarse: float
    patches: float
    edges: float
    features: float | None
    lpips: float | None
    sharpness: float
    blur: float
    seam: float
    border: float
    broken: float


SCORE_NAMES = tuple(field.name for field in fields(Scores))


def score_fill(
    truth: Composite,
    filled: Composite,
    hole: BoolMask,
    features: PerceptualMetric | None = None,
    lpips: PerceptualMetric | None = None,
) -> Scores:
    """Every score of ``filled`` against ``truth``, (H, W, 3) uint8, in ``hole`` (H, W) bool.

    Pixels of ``filled`` outside the hole are ignored. Raises ValueError if the hole is empty or
    the sizes differ.
    """
    if truth.shape != filled.shape or truth.shape[:2] != hole.shape:
        raise ValueError("truth, fill and hole differ in size")
    if not hole.any():
        raise ValueError("the hole is empty")
    # Everything outside this crop is equal: its errors are 0 and its SSIM is 1.
    whole = Rect.whole(hole.shape)
    crop = Rect.bounding(hole).grow(2 * SSIM_REACH + 1).intersect(whole)
    a, inside = truth[crop.slices], hole[crop.slices]
    b = np.where(inside[..., None], filled[crop.slices], a)
    difference = a[inside].astype(np.int64) - b[inside]
    squared, absolute = float((difference**2).sum()), float(np.abs(difference).sum())
    similar = ssim_map(a, b)
    crisp = sharpness(a, b, inside)
    values = whole.area * 3
    composite = np.where(hole[..., None], filled, truth) if features or lpips else truth
    lost = float((1 - similar).sum(dtype=np.float64))
    return Scores(
        psnr_hole=psnr(squared / difference.size),
        psnr=psnr(squared / values),
        ssim_hole=float(similar[inside].mean(dtype=np.float64)),
        ssim=1 - lost / whole.area,
        l1_hole=absolute / difference.size,
        l1=absolute / values,
        coarse=coarse_error(truth, filled, hole),
        patches=patch_distance(a, b, inside),
        edges=edge_error(a, b, inside),
        features=None if features is None else features(truth, composite, hole),
        lpips=None if lpips is None else lpips(truth, composite, hole),
        sharpness=crisp,
        blur=abs(log(crisp)),
        seam=seam(b, inside),
        border=border_error(a, b, inside),
        broken=count_broken_lines(a, b, inside),
    )


def mean_scores(scores: Sequence[Scores]) -> Scores:
    """The mean of each score over photos, geometric for the ratios ``sharpness`` and ``seam``. A
    score that is None for any photo is None in the mean.
    """

    def average(name: str) -> Any:
        values = [getattr(s, name) for s in scores]
        if any(v is None for v in values):
            return None
        if name in ("sharpness", "seam"):
            return exp(sum(log(v) for v in values) / len(values))
        return sum(values) / len(values)

    return Scores(**{name: average(name) for name in SCORE_NAMES})


def score_penalty(name: str, value: float) -> float:
    """``value`` of the score ``name`` converted so that less is always better."""
    if name.startswith(("psnr", "ssim")):
        return -value
    if name in ("sharpness", "seam"):
        return abs(log(value))
    return value
