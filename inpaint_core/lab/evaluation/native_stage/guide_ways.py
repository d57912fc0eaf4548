"""The ways in which the native stage may follow a network's fills, and which of them is best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from inpaint_core.contract.request import UNTESTED, WORST_RATIO
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.lab.evaluation.gain_table import rate_fill
from inpaint_core.lab.evaluation.photo_scoring import ScoreRow

TRUSTS = (0.3, 0.6)
"""Trusts of fills that guide; the first is the usual one."""
KEPT = " kept"
"""What the name of a generator ends with that is fully trusted."""


def list_ways(spec: GeneratorSpec, shown: tuple[float, ...]) -> Mapping[str, GeneratorSpec]:
    """Generators that differ in how the fills of ``spec``, which show details as ``shown``, are
    followed, by names that begin with its id; the usual way first. They share one network.
    """
    usual = replace(spec, trust=TRUSTS[0], shown=shown, worst_ratio=WORST_RATIO)
    ways = {
        spec.id: usual,
        f"{spec.id} closer": replace(usual, trust=TRUSTS[1]),
        f"{spec.id} untested": replace(usual, worst_ratio=UNTESTED),
        f"{spec.id}{KEPT}": replace(usual, trust=1.0),
    }
    build = cache(spec.build)
    return {name: replace(way, id=name, build=build) for name, way in ways.items()}


def choose_way(rows: Sequence[ScoreRow], names: Sequence[str]) -> str:
    """The way with the best features in ``rows``, or estimates of them; the first of the ``names``
    unless another is better by more than its mean's standard error.
    """
    found: dict[str, dict[str, float]] = {name: {} for name in names}
    for row in rows:
        if row.candidate in found and row.scores is not None:
            found[row.candidate][row.photo] = rate_fill(row)[0]
    best, most = names[0], 0.0
    for name in names[1:]:
        both = found[name].keys() & found[names[0]].keys()
        gains = np.array([found[names[0]][photo] - found[name][photo] for photo in sorted(both)])
        if len(gains) < 2:
            continue
        gain = float(gains.mean())
        if gain > max(most, float(gains.std(ddof=1)) / len(gains) ** 0.5):
            best, most = name, gain
    return best
