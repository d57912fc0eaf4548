"""Comparisons of an inspected fill with one that differs in a single option, and its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, get_args

from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.workers.engine_lane import EngineRow
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.contract.specs import TapPoint
    from inpaint_core.inspection.capture import Depth, InspectedRun
    from inpaint_core.inspection.map_statistics import MapStatistics
    from inpaint_core.project.model import Part

ComparedOption = Literal["seed", "engine", "edges", "precision"]
COMPARED_OPTIONS: tuple[ComparedOption, ...] = get_args(ComparedOption)


def find_comparable_options(
    run: InspectedRun | None, rows: Sequence[EngineRow], drawn: bool
) -> frozenset[ComparedOption]:
    """The options that have an alternative. ``drawn``: the document has drawn edges."""
    options: set[ComparedOption] = {"seed"}
    network = find_network(rows)
    if network is not None:
        options.add("precision")
    if network is not None or (run is not None and _used_engines(run) != {"exemplar"}):
        options.add("engine")
    if run is not None and (drawn or run.request.options.edges is not None):
        options.add("edges")
    return frozenset(options)


def make_first_request(
    run: InspectedRun, option: ComparedOption, rows: Sequence[EngineRow]
) -> InpaintRequest | None:
    """The request to fill first; None if the run itself is compared."""
    if option != "precision":
        return None
    network = find_network(rows)
    engine = run.request.options.engine if run.taps or network is None else network.id
    return run.request.with_options(engine=engine, precision="float32")


def make_second_request(
    run: InspectedRun, option: ComparedOption, rows: Sequence[EngineRow], drawn: Part | None
) -> InpaintRequest:
    """The request to compare with, for the same pixels and mask."""
    request = run.request
    if option == "seed":
        return request.with_options(seed=request.options.seed + 1)
    if option == "precision":
        return request.with_options(precision="bfloat16")
    if option == "edges":
        whole = Rect.whole(request.mask.shape)
        edges = None if drawn is None else drawn.over(whole) > 127
        return request.with_options(edges=edges, lines=())
    network = find_network(rows)
    used = _used_engines(run)
    if network is not None and network.id not in used:
        return request.with_options(engine=network.id, semantic=None)
    others = (row for row in rows if row.is_usable and row.is_offered and row.id not in used)
    return request.with_options(engine=next(row.id for row in others), semantic=None)


def find_network(rows: Sequence[EngineRow]) -> EngineRow | None:
    """A network that fills by itself, needs no semantic map, and whose weights are on this machine:
    one that “auto” may choose, else any.
    """
    networks = [
        row
        for row in rows
        if row.is_network and row.is_single and row.is_usable and not row.takes_semantic
    ]
    return min(networks, key=lambda row: not row.is_candidate, default=None)


def _used_engines(run: InspectedRun) -> set[str]:
    """The engines that took part in a fill."""
    return {str(step["engine"]) for step in run.result.plan} or {run.result.engine}


def has_other_edges(run: InspectedRun, drawn: Part | None) -> bool:
    """True if other edges are drawn in the hole than the run was made with."""
    import numpy as np

    rect = run.result.rect
    hole = run.hole(rect)
    then = run.request.options.edges
    before = np.zeros_like(hole) if then is None else then[rect.slices] & hole
    now = np.zeros_like(hole) if drawn is None else (drawn.over(rect) > 127) & hole
    return not np.array_equal(before, now)


@dataclass(frozen=True, eq=False)
class NetworkFigures:
    """The statistics of every tap, and its divergence in nats from the one before it in its part of
    the network, by tap; ``parts`` are the taps in order, by part.
    """

    statistics: Mapping[str, MapStatistics]
    divergences: Mapping[str, float]
    parts: Mapping[str, tuple[TapPoint, ...]]


def compute_figures(run: InspectedRun, depth: Depth, progress: Progress) -> NetworkFigures:
    """The figures inside the hole, around it and outside, tap by tap."""
    from inpaint_core.inspection.map_statistics import find_chains

    statistics: dict[str, MapStatistics] = {}
    for index, tap in enumerate(run.taps):
        progress.report(index / len(run.taps))
        progress.check()
        statistics[tap.name] = run.measure_statistics(tap.name, depth)
    divergences: dict[str, float] = {}
    parts: dict[str, tuple[TapPoint, ...]] = {}
    for chain in find_chains(run.taps):
        parts[chain[0].name.rpartition("-")[0]] = chain
        for one, other in pairwise(chain):
            progress.check()
            divergences[other.name] = run.measure_divergence(one.name, other.name, depth)
    return NetworkFigures(statistics, divergences, parts)
