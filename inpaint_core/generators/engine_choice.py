"""Which engine is to fill a hole: exemplar synthesis alone, or guided by the structure network.

The decision is data: an entry of the weights' manifest says in ``better_for``, for each situation,
up to which depth of the hole its network, followed by exemplar synthesis at native resolution, was
measured to be better than exemplar synthesis alone; a situation that is not named has none. It is
measured with ``inpaint evaluate --by depth --engine exemplar,tsgl`` on small and large photos and
rendered scenes that the network was not trained on: up to the depth given, the holes of a situation
had a higher mean SSIM and a lower mean feature distance. ``better_up_to`` is the longest side of a
view on which that was seen: the larger the view, the less of it shows at what the network sees at
once. A network that was chosen is not followed blindly: its guide is put to the test in each hole.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.specs import Choice
from inpaint_core.contract.view import View
from inpaint_core.exemplar.line_continuation import found
from inpaint_core.networks.store.manifest import WeightsEntry, entry

Situation = Literal["drawn", "crossing", "wide", "plain"]

WEIGHTS = "base"
SIDE = 512
"""Depths are those in a view reduced to at most this: what the network sees at once."""
WIDE = 0.2
"""Share of a view from which on its hole counts as wide: a square hole in a crop of its own has
1/9, so this takes many holes near each other, or a photo with little left around them."""

_SEEN = {
    "drawn": "Edges were drawn in the hole",
    "crossing": "Straight structure crosses the hole",
    "wide": "No straight structure crosses the hole, which is wide",
    "plain": "No straight structure crosses the hole",
}
_ALONE = "so exemplar synthesis alone was used."
_DEEP = f"but it is too deep for the network, {_ALONE}"
_ASKED = "so the structure network was asked, which does better there."


def situation(view: View, progress: Progress) -> Situation:
    """What there is to say about a hole before it is filled, the first of these that is true.

    "drawn": edges or lines were drawn for it; "crossing": it interrupts straight lines of the
    photo; "wide": it is at least `WIDE` of the view; "plain". Raises `Cancelled`.
    """
    if view.edges is not None:
        return "drawn"
    if found(view.image, view.hole, progress):
        return "crossing"
    return "wide" if np.count_nonzero(view.hole) >= WIDE * view.hole.size else "plain"


def depth(hole: BoolMask) -> float:
    """How far from its border the hole's (h, w) deepest pixel is, in pixels of a view of at
    most `SIDE`; the border of the view is one of the hole, too.
    """
    padded = np.pad(hole.astype(np.uint8), 1)
    away = np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5))
    scale: float = min(1.0, SIDE / max(hole.shape))
    return float(away.max()) * scale


def choose(view: View, progress: Progress) -> Choice:
    """The engine for one view, and why. Without weights that is exemplar synthesis.

    Raises `Cancelled`. Imports no torch.
    """
    held = _weights()
    if held is None or not held.better_for:
        return Choice("exemplar", "Exemplar synthesis alone was used.")
    better = held.better_for
    if 0 < held.better_up_to < max(view.hole.shape):
        return Choice("exemplar", f"The hole is too large for the network, {_ALONE}")
    seen = situation(view, progress)
    if seen not in better:
        return Choice("exemplar", f"{_SEEN[seen]}, {_ALONE}")
    if depth(view.hole) > better[seen]:
        return Choice("exemplar", f"{_SEEN[seen]}, {_DEEP}")
    return Choice("tsgl", f"{_SEEN[seen]}, {_ASKED}", "exemplar")


def _weights() -> WeightsEntry | None:
    """What is known of the weights, if they are here."""
    try:
        held = entry(WEIGHTS)
    except WeightsUnavailable:
        return None
    return held if held.present else None
