"""Which engine is to fill a hole: exemplar synthesis alone, or guided by the structure network.

The decision is data: an entry of the weights' manifest lists in ``better_for`` the situations in
which its network, followed by exemplar synthesis at native resolution, was measured to be better
than exemplar synthesis alone. It is measured with ``inpaint evaluate --engine exemplar,tsgl`` on
photos that the network was not trained on, sorted by `situation`: better means a higher mean SSIM
and a lower mean feature distance in that situation.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from inpaint_core.contract import View
from inpaint_core.errors import WeightsUnavailable
from inpaint_core.exemplar.lines import found
from inpaint_core.manifest import entry
from inpaint_core.progress import Progress
from inpaint_core.registry import Choice

Situation = Literal["drawn", "crossing", "wide", "plain"]

WEIGHTS = "base"
WIDE = 0.2
"""Share of a crop from which on its hole counts as wide: by default the crop reaches the hole's
longer side beyond it, so that a square hole has 1/9."""

_SEEN = {
    "drawn": "Edges were drawn",
    "crossing": "Straight structure crosses the hole",
    "wide": "No straight structure crosses the hole, which is wide",
    "plain": "No straight structure crosses the hole",
}


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


def choose(view: View, progress: Progress) -> Choice:
    """The engine for one view, and why. Without weights that is exemplar synthesis.

    Raises `Cancelled`. Imports no torch.
    """
    better = _better_for()
    if not better:
        return Choice("exemplar", "Exemplar synthesis alone was used.")
    seen = situation(view, progress)
    if seen in better:
        return Choice(
            "tsgl", f"{_SEEN[seen]}, so the structure network guided the fill.", "exemplar"
        )
    return Choice("exemplar", f"{_SEEN[seen]}, so exemplar synthesis alone was used.")


def _better_for() -> frozenset[str]:
    """The situations in which the weights that are here were measured to be better."""
    try:
        held = entry(WEIGHTS)
    except WeightsUnavailable:
        return frozenset()
    return frozenset(held.better_for) & {*get_args(Situation)} if held.present else frozenset()
