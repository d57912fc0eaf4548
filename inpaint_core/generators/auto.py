"""The default engine: chooses, for each hole, the one that was measured to be better.

The candidates are exemplar synthesis alone and exemplar synthesis guided by the structure network.
The decision is data: ``better_for`` of a `WeightsEntry` gives, for each situation, the depth of the
hole up to which the network, followed by exemplar synthesis at native resolution, was measured to
be better than exemplar synthesis alone; it is never better in a situation that is not listed. It is
measured with ``inpaint evaluate --by depth --engine exemplar,tsgl`` on small and large photos and
rendered scenes outside the training set: up to that depth, the holes of the situation had a higher
mean SSIM and a lower mean feature distance. ``better_up_to`` is the longest side of a view for
which that holds: the larger the view, the less detail is left at the size that the network sees.
``gains`` says what the network gains in small and thin holes and what time it takes: it is used
only where the gain is worth that. A spot is never given to it: whoever heals spots expects them to
be gone at once.
Even a chosen network is not followed blindly: its guide is tested in each hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import EngineChoice, GeneratorSpec
from inpaint_core.exemplar.line_continuation import (
    MAX_END_DISTANCE,
    Points,
    find_line_ends,
    join_ends,
    shrink_for_lines,
)
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.manifest import DepthGain, WeightsEntry
from inpaint_core.raster.spots import holds_only_spots

Situation = Literal["drawn", "crossing", "arriving", "wide", "plain"]

NETWORK_WEIGHTS = "base"
SIDE = 512
"""Depths are measured in a view reduced to at most this side, which the network sees at once."""
LARGE_SHARE = 0.2
"""Share of a view from which its hole counts as large, which is the situation "wide". A square
hole in a crop of its own has 1/9, so this takes many holes close together, or a photo with little
left around them."""
WORTH = 0.03
"""The least gain in features that a second of processor time is worth in small and thin holes."""


def classify_hole(view: View, own: BoolMask, progress: Progress) -> Situation:
    """The situation of a hole, the first of these that applies.

    "drawn": edges or lines were drawn for it; "crossing": it interrupts straight lines of the
    photo; "wide": it covers at least `LARGE_SHARE` of the view; "arriving": straight lines end at
    it; "plain". ``own`` (h, w) is the part of the view's hole that is meant. Raises `Cancelled`.
    """
    if view.edges is not None:
        return "drawn"
    small, covered, step = shrink_for_lines(view.image, view.hole)
    ends, _ = find_line_ends(small, covered, progress)
    ends = [end for end in ends if _ends_at(own, end.near * step)]
    if join_ends(ends, small, covered, step):
        return "crossing"
    if np.count_nonzero(own) >= LARGE_SHARE * own.size:
        return "wide"
    return "arriving" if ends else "plain"


def _ends_at(own: BoolMask, point: Points) -> bool:
    """Whether a line that ends at the point (x, y) ends at the hole ``own`` (h, w)."""
    x, y = (round(float(value)) for value in point)
    reach = round(MAX_END_DISTANCE)
    return bool(own[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1].any())


def measure_depth(hole: BoolMask) -> float:
    """The greatest distance of a pixel of the hole (h, w) from the hole's border, in pixels of a
    view of at most `SIDE`; the border of the view counts too.
    """
    box = Rect.bounding(hole)
    padded = np.pad(hole[box.slices].astype(np.uint8), 1)
    away = np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5))
    scale: float = min(1.0, SIDE / max(hole.shape))
    return float(away.max()) * scale


def choose_engine(view: View, own: BoolMask, progress: Progress) -> EngineChoice:
    """The engine for the part ``own`` (h, w) of one view's hole, and why; exemplar synthesis where
    there are no weights.

    Raises `Cancelled`. Imports no torch.
    """
    weights = _find_weights()
    if weights is None or not weights.better_for:
        return EngineChoice("exemplar", Message("engine.exemplar_alone"))
    better = weights.better_for
    if 0 < weights.better_up_to < max(view.hole.shape):
        return EngineChoice("exemplar", Message("engine.hole_too_large"))
    if holds_only_spots(own):
        return EngineChoice("exemplar", Message("engine.hole_too_small"))
    depth = measure_depth(own)
    situation = classify_hole(view, own, progress)
    if situation not in better:
        return EngineChoice("exemplar", Message(f"engine.{situation}_exemplar"))
    if depth > better[situation]:
        return EngineChoice("exemplar", Message(f"engine.{situation}_too_deep"))
    if not is_worth(weights.gains, situation, depth):
        return EngineChoice("exemplar", Message("engine.hole_too_small"))
    return EngineChoice("tsgl", Message(f"engine.{situation}_network"), "exemplar")


def is_worth(gains: Sequence[DepthGain], situation: str, depth: float) -> bool:
    """Whether the network gained enough for its time in holes of that ``situation`` and ``depth``;
    True for those deeper than any that ``gains`` tells of.
    """
    rows = sorted((row for row in gains if row.situation == situation), key=lambda row: row.up_to)
    row = next((row for row in rows if depth <= row.up_to), None)
    return row is None or (row.ssim >= 0 and row.features >= WORTH * row.seconds)


def _find_weights() -> WeightsEntry | None:
    try:
        entry = find_entry(NETWORK_WEIGHTS)
    except WeightsUnavailable:
        return None
    return entry if entry.is_present else None


def _run(net: Any, view: View, progress: Progress) -> Fill:
    raise TypeError("“auto” chooses an engine and fills nothing itself")


SPEC = GeneratorSpec(
    id="auto",
    title="Automatic",
    summary="For each hole, exemplar synthesis alone or guided by the structure network.",
    run=_run,
    uses_torch=True,
    products=("offsets", "perspective"),
    choose=choose_engine,
    candidates=("exemplar", "tsgl"),
)
