"""Sorts scored photos into groups and hole-ratio bins, each with a table of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from types import MappingProxyType

import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, View
from inpaint_core.engine.context_crops import build_view, find_context_crops
from inpaint_core.engine.effective_mask import find_effective_mask
from inpaint_core.generators.auto import SIDE, classify_hole, measure_depth
from inpaint_core.lab.evaluation.cases import Case, Sample
from inpaint_core.lab.evaluation.photo_scoring import ScoreRow
from inpaint_core.raster.soft_mask import measure_thickness

WIDTHS = (64, 96)
"""Widths of holes in pixels that separate the groups of `group_by_width`."""
DEPTHS = (4, 16, 24, 32, 48, 64, 96, 128)
"""Depths of holes in pixels that separate the groups of `group_by_depth`."""

Grouping = Callable[[Case, Sample, Progress], str]


def group_by_family(case: Case, sample: Sample, progress: Progress) -> str:
    """The photo's name without its number: “floor” of “018_floor”."""
    return re.sub(r"^\d+[_-]*", "", case.name) or case.name


def group_by_situation(case: Case, sample: Sample, progress: Progress) -> str:
    """The situation that “auto” finds, “crossing”, “wide”, “arriving” or “plain”, of the crop with
    most of the hole. Raises `Cancelled`.
    """
    largest = find_largest_view(sample)
    return classify_hole(largest.view, largest.own, progress)


def group_by_depth(case: Case, sample: Sample, progress: Progress) -> str:
    """Everything “auto” decides by: the situation, and the range of the hole's depth.

    Raises `Cancelled`.
    """
    largest = find_largest_view(sample)
    seen, deep = classify_hole(largest.view, largest.own, progress), measure_depth(largest.own)
    for low, high in pairwise((0, *DEPTHS)):
        if deep <= high:
            return name_depth(seen, low, high)
    return f"{seen}, over {DEPTHS[-1]} px deep"


def group_by_width(case: Case, sample: Sample, progress: Progress) -> str:
    """The range of the hole's width: twice the greatest distance of its pixels from known ones, in
    pixels of the photo reduced to at most `SIDE`.
    """
    wide = measure_thickness(sample.hole) * min(1.0, SIDE / max(sample.hole.shape))
    for low, high in pairwise((0, *WIDTHS)):
        if wide <= high:
            return f"{low:2d} to {high} px wide"
    return f"over {WIDTHS[-1]} px wide"


def name_depth(situation: str, low: int, high: int) -> str:
    """The name of a group of `group_by_depth`, deeper than ``low`` and up to ``high`` pixels."""
    return f"{situation}, {low:2d} to {high} px deep"


@dataclass(frozen=True, eq=False, slots=True)
class LargestView:
    """The ``view`` of the photo's rectangle ``rect``, and the part ``own`` (h, w) of its hole."""

    rect: Rect
    view: View
    own: BoolMask


def find_largest_view(sample: Sample) -> LargestView:
    """What the engine sees to fill the crop with most of the hole."""
    strength = np.where(sample.hole, 255, 0).astype(np.uint8)
    request = InpaintRequest(image=sample.truth, mask=strength, options=FillOptions(feather=0.0))
    mask = find_effective_mask(request).mask
    found = []
    for crop in find_context_crops(request, mask):
        view = build_view(request, mask, crop.rect)
        found.append(LargestView(crop.rect, view, crop.find_own_hole(view.hole)))
    return max(found, key=lambda each: int(np.count_nonzero(each.own)))


GROUPINGS: Mapping[str, Grouping] = MappingProxyType(
    {
        "family": group_by_family,
        "situation": group_by_situation,
        "depth": group_by_depth,
        "width": group_by_width,
    }
)


def group_rows(rows: Sequence[ScoreRow]) -> list[tuple[str, list[ScoreRow]]]:
    """The groups in alphabetical order with their rows in the order given.

    Rows without a group (an unreadable photo, or no grouping) are left out.
    """
    names = sorted({row.group for row in rows if row.group is not None})
    return [(name, [row for row in rows if row.group == name]) for name in names]


@dataclass(frozen=True, slots=True)
class HoleRatioBin:
    """Holes of more than ``low`` and at most ``high`` of the photo's pixels.

    ``title`` names it in the table.
    """

    low: float
    high: float
    title: str

    def holds(self, ratio: float) -> bool:
        """Whether a hole of this share of the photo belongs in the bin."""
        return self.low < ratio <= self.high


BOUNDS = (0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
BELOW = HoleRatioBin(0.0, BOUNDS[0], "Holes below the paper's bins: at most 1 % of the photo")
ABOVE = HoleRatioBin(BOUNDS[-1], inf, "Holes above the paper's bins: over 60 % of the photo")
BINS = (
    BELOW,
    *(
        HoleRatioBin(
            low, high, f"Holes over {low:.0%} and up to {high:.0%} of the photo".replace("%", " %")
        )
        for low, high in pairwise(BOUNDS)
    ),
    ABOVE,
)


def bin_rows(rows: Sequence[ScoreRow]) -> list[tuple[HoleRatioBin, list[ScoreRow]]]:
    """The non-empty bins, from small to large, with their rows in the order given.

    Rows of unreadable photos have no ratio and are in no bin.
    """
    found = []
    for each in BINS:
        own = [row for row in rows if row.ratio is not None and each.holds(row.ratio)]
        if own:
            found.append((each, own))
    return found
