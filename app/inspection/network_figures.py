"""Statistics of every tap of an inspected network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from inpaint_core.contract.progress import Progress
from inpaint_core.inspection.map_statistics import MapStatistics, find_chains

if TYPE_CHECKING:
    from inpaint_core.contract.specs import TapPoint
    from inpaint_core.inspection.capture import Depth, InspectedRun


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
    statistics: dict[str, MapStatistics] = {}
    for index, tap in enumerate(run.taps):
        progress.report(index / len(run.taps))
        progress.check()
        statistics[tap.name] = run.statistics(tap.name, depth)
    divergences: dict[str, float] = {}
    parts: dict[str, tuple[TapPoint, ...]] = {}
    for chain in find_chains(run.taps):
        parts[chain[0].name.rpartition("-")[0]] = chain
        for one, other in pairwise(chain):
            progress.check()
            divergences[other.name] = run.divergence(one.name, other.name, depth)
    return NetworkFigures(statistics, divergences, parts)
