"""The ways in which the native stage may follow a network's fills, and which of them is best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from inpaint_core.contract.request import UNTESTED, WORST_RATIO
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.lab.evaluation.gain_table import agree, rate_fill
from inpaint_core.lab.evaluation.photo_scoring import ScoreRow

TRUSTS = (0.3, 0.6)
"""Trusts of fills that guide; the first is the usual one."""
KEPT = " kept"
"""What the name of a generator ends with that is fully trusted."""


def list_ways(
    spec: GeneratorSpec, shown: tuple[float, ...], has_features: bool
) -> Mapping[str, GeneratorSpec]:
    """Generators that differ in how the fills of ``spec``, which show details as ``shown``, are
    followed, by names that begin with its id; the usual way first. They share one network. Without
    features, which see what patches do not belong there, no guide goes without its test.
    """
    usual = replace(spec, trust=TRUSTS[0], shown=shown, worst_ratio=WORST_RATIO)
    ways = {
        spec.id: usual,
        f"{spec.id} closer": replace(usual, trust=TRUSTS[1]),
        f"{spec.id}{KEPT}": replace(usual, trust=1.0),
    }
    if has_features:
        ways[f"{spec.id} untested"] = replace(usual, worst_ratio=UNTESTED)
    build = cache(spec.build)
    return {name: replace(way, id=name, build=build) for name, way in ways.items()}


def choose_way(rows: Sequence[ScoreRow], names: Sequence[str]) -> str:
    """The way with the best features in ``rows``; the first of the ``names`` unless another is
    better by more than its mean's standard error. Without features, these are estimated, and SSIM,
    edges and patches must `agree` with them.
    """
    found: dict[str, dict[str, ScoreRow]] = {name: {} for name in names}
    for row in rows:
        if row.candidate in found and row.scores is not None:
            found[row.candidate][row.photo] = row
    best, most = names[0], 0.0
    for name in names[1:]:
        both = sorted(found[name].keys() & found[names[0]].keys())
        if len(both) < 2:
            continue
        pairs = [(found[names[0]][photo], found[name][photo]) for photo in both]
        scores = [(x.scores, y.scores) for x, y in pairs if x.scores and y.scores]
        if any(each.features is None for pair in scores for each in pair) and not agree(scores):
            continue
        gains = np.array([rate_fill(usual)[0] - rate_fill(other)[0] for usual, other in pairs])
        gain = float(gains.mean())
        if gain > max(most, float(gains.std(ddof=1)) / len(gains) ** 0.5):
            best, most = name, gain
    return best
