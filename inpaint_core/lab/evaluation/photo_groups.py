"""Photos sorted into groups, each of which gets a table of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.context_crops import context_crops
from inpaint_core.engine.views import view_of
from inpaint_core.generators.engine_choice import depth, situation
from inpaint_core.lab.evaluation.cases import Case, Sample
from inpaint_core.lab.evaluation.trial import Row
from inpaint_core.raster.soft_masks import soften

DEPTHS = (16, 24, 32, 48, 64)
"""Depths of holes that part the groups of `by_depth`."""

Sorting = Callable[[Case, Sample, Progress], str]


def by_family(case: Case, sample: Sample, progress: Progress) -> str:
    """What the photo's name says after its number: “floor” of “018_floor”."""
    return re.sub(r"^\d+[_-]*", "", case.name) or case.name


def by_situation(case: Case, sample: Sample, progress: Progress) -> str:
    """What “auto” goes by first: “crossing”, “wide” or “plain”, of the crop with most of the hole.

    Raises `Cancelled`.
    """
    return _seen(sample, progress)[0]


def by_depth(case: Case, sample: Sample, progress: Progress) -> str:
    """What “auto” goes by in all: the situation, and between which depths the hole's lies.

    Raises `Cancelled`.
    """
    seen, deep = _seen(sample, progress)
    for low, high in pairwise((0, *DEPTHS)):
        if deep <= high:
            return f"{seen}, {low:2d} to {high} px deep"
    return f"{seen}, over {DEPTHS[-1]} px deep"


def _seen(sample: Sample, progress: Progress) -> tuple[str, float]:
    strength = np.where(sample.hole, 255, 0).astype(np.uint8)
    request = InpaintRequest(image=sample.truth, mask=strength, feather=0.0)
    mask = soften(request.mask, request.grow, request.feather)
    views = [view_of(request, mask, crop.rect) for crop in context_crops(request, mask)]
    view = max(views, key=lambda view: int(np.count_nonzero(view.hole)))
    return situation(view, progress), depth(view.hole)


SORTINGS: Mapping[str, Sorting] = MappingProxyType(
    {"family": by_family, "situation": by_situation, "depth": by_depth}
)


def grouped(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The groups in alphabetical order with their rows in the order given.

    Rows without a group (their photo could not be read, or nobody asked) are in none.
    """
    names = sorted({row.group for row in rows if row.group is not None})
    return [(name, [row for row in rows if row.group == name]) for name in names]
