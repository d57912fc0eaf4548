"""The default engine: chooses, for each hole, the one that was measured to be better.

The candidates are exemplar synthesis alone and every network whose weights were measured, those
that ship and those that a person has imported; weights that were not measured are never used. The
decision is data of a `WeightsEntry`, measured with ``inpaint evaluate --by depth --write-better``
on photos outside the training set, or with ``inpaint weights measure``. ``gains`` says, for each
situation and depth of a hole, what the network, followed by exemplar synthesis at native
resolution, gains over exemplar synthesis alone and what time it takes: it is used where SSIM is not
lower and the gain in features is worth the time. Of several networks, the one whose gain exceeds
the worth of its time by most is used. ``better_for`` is the depth up to which it is better at all;
it is never better in a situation that is not listed. ``better_up_to`` is the longest side of a view
for which that holds: the larger the view, the less detail is left at the size that the network
sees. A spot is never given to a network: whoever heals spots expects them to be gone at once. Even
a chosen network is not followed blindly: its guide is tested in each hole, unless following it as
it is was measured to be better.
"""

from __future__ import annotations

import math
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
from inpaint_core.generators.registry import find_engine_of
from inpaint_core.local.optional_libraries import has_torch
from inpaint_core.networks.store.manifest import DepthGain, WeightsEntry, read_manifest
from inpaint_core.networks.store.user_weights import read_user_weights
from inpaint_core.raster.spots import holds_only_spots

Situation = Literal["drawn", "crossing", "arriving", "wide", "plain"]

SIDE = 512
"""Depths are measured in a view reduced to at most this side, which the network sees at once."""
LARGE_SHARE = 0.2
"""Share of a view from which its hole counts as large, which is the situation "wide". A square
hole in a crop of its own has 1/9, so this takes many holes close together, or a photo with little
left around them."""
WORTH = 0.03
"""The least gain in features that a second of processor time is worth."""


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
    no network was measured to be better.

    Raises `Cancelled`. Imports no torch.
    """
    measured = list_measured()
    if not measured:
        if has_torch():
            return EngineChoice("exemplar", Message("engine.exemplar_alone"))
        return EngineChoice("exemplar", Message("engine.exemplar_without_torch"))
    longest = max(view.hole.shape)
    measured = [each for each in measured if not 0 < each.better_up_to < longest]
    if not measured:
        return EngineChoice("exemplar", Message("engine.hole_too_large"))
    if holds_only_spots(own):
        return EngineChoice("exemplar", Message("engine.hole_too_small"))
    depth = measure_depth(own)
    situation = classify_hole(view, own, progress)
    measured = [each for each in measured if situation in each.better_for]
    if not measured:
        return EngineChoice("exemplar", Message(f"engine.{situation}_exemplar"))
    measured = [each for each in measured if depth <= each.better_for[situation]]
    if not measured:
        return EngineChoice("exemplar", Message(f"engine.{situation}_too_deep"))
    best = max(measured, key=lambda each: measure_worth(each.gains, situation, depth))
    if measure_worth(best.gains, situation, depth) < 0:
        return EngineChoice("exemplar", Message("engine.hole_too_small"))
    return EngineChoice(find_engine_of(best.id), Message(f"engine.{situation}_network"), "exemplar")


def measure_worth(gains: Sequence[DepthGain], situation: str, depth: float) -> float:
    """By how much the gain in features in holes of that ``situation`` and ``depth`` exceeds what
    the network's time is worth; negative where the network is not to be used.

    Holes deeper than any that ``gains`` tells of gain as much as the deepest of these, at least 0.
    """
    rows = sorted((row for row in gains if row.situation == situation), key=lambda row: row.up_to)
    row = next((row for row in rows if depth <= row.up_to), None)
    if row is None:
        return max(0.0, _measure_worth_of(rows[-1])) if rows else 0.0
    return _measure_worth_of(row)


def _measure_worth_of(row: DepthGain) -> float:
    return -math.inf if row.ssim < 0 or row.features <= 0 else row.features - WORTH * row.seconds


def list_measured() -> list[WeightsEntry]:
    """The weights here that were measured to be better anywhere, those that ship first; none where
    torch is not installed.
    """
    if not has_torch():
        return []
    try:
        shipped = read_manifest()
    except WeightsUnavailable:
        shipped = {}
    found = {**read_user_weights().entries, **shipped}
    order = dict.fromkeys((*shipped, *found))
    held = [found[each] for each in order if found[each].better_for and found[each].is_present]
    return [entry for entry in held if find_engine_of(entry.id)]


def list_candidates() -> tuple[str, ...]:
    """The engines that may be chosen now."""
    return ("exemplar", *(find_engine_of(entry.id) for entry in list_measured()))


def _run(net: Any, view: View, progress: Progress) -> Fill:
    raise TypeError("“auto” chooses an engine and fills nothing itself")


SPEC = GeneratorSpec(
    id="auto",
    title="Automatic",
    summary="For each hole, exemplar synthesis alone or guided by the network that measured best.",
    run=_run,
    uses_torch=True,
    products=("offsets", "perspective"),
    choose=choose_engine,
    list_candidates=list_candidates,
)
