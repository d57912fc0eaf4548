"""What a fill can be compared with: the same one, but for one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.session.frozen_request import Part
    from app.workers.engine_lane import EngineRow
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.inspection.capture import Run

Against = Literal["seed", "engine", "edges", "precision"]
AGAINST: tuple[Against, ...] = get_args(Against)


def offered(run: Run | None, rows: Sequence[EngineRow], drawn: bool) -> frozenset[Against]:
    """What there is another one of. ``drawn``: edges are drawn now."""
    found: set[Against] = {"seed"}
    network = _network(rows)
    if network is not None:
        found.add("precision")
    if network is not None or (run is not None and _used(run) != {"exemplar"}):
        found.add("engine")
    if run is not None and (drawn or run.request.edges is not None):
        found.add("edges")
    return frozenset(found)


def first_of(run: Run, against: Against, rows: Sequence[EngineRow]) -> InpaintRequest | None:
    """What is to be filled first; None: the run itself is the one to compare with."""
    if against != "precision":
        return None
    network = _network(rows)
    engine = run.request.engine if run.taps or network is None else network.id
    return replace(run.request, engine=engine, precision="float32")


def second_of(
    run: Run, against: Against, rows: Sequence[EngineRow], drawn: Part | None
) -> InpaintRequest:
    """The other fill, for the same pixels and mask."""
    request = run.request
    if against == "seed":
        return replace(request, seed=request.seed + 1)
    if against == "precision":
        return replace(request, precision="bfloat16")
    if against == "edges":
        whole = Rect.whole(request.mask.shape)
        edges = None if drawn is None else drawn.over(whole) > 127
        return replace(request, edges=edges, lines=())
    network = _network(rows)
    used = _used(run)
    if network is not None and network.id not in used:
        return replace(request, engine=network.id)
    others = (row for row in rows if row.usable and row.offered and row.id not in used)
    return replace(request, engine=next(row.id for row in others))


def _network(rows: Sequence[EngineRow]) -> EngineRow | None:
    return next((row for row in rows if row.network and row.single and row.usable), None)


def _used(run: Run) -> set[str]:
    """The engines that did the work."""
    return {str(step["engine"]) for step in run.result.plan} or {run.result.engine}


def differ(run: Run, drawn: Part | None) -> bool:
    """Whether other edges are drawn in the hole than those that the run was made with."""
    import numpy as np

    rect = run.result.rect
    hole = run.hole(rect)
    then = run.request.edges
    before = np.zeros_like(hole) if then is None else then[rect.slices] & hole
    now = np.zeros_like(hole) if drawn is None else (drawn.over(rect) > 127) & hole
    return not np.array_equal(before, now)
