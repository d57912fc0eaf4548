"""What the network gains in holes of each kind, and what that takes, as the manifest holds it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

import numpy as np

from inpaint_core.generators.auto import Situation, measure_worth
from inpaint_core.lab.evaluation.photo_groups import DEPTHS, name_depth
from inpaint_core.lab.evaluation.photo_scoring import ScoreRow
from inpaint_core.lab.evaluation.scores import Scores
from inpaint_core.networks.store.manifest import DepthGain

ALONE = "exemplar"
_PATCHES, _EDGES, _SSIM = 0.05, 2.7, -5.7  # fitted on four fills of 32 photos, a blurred one too
FEWEST = 6
"""Holes of which a row is made: fewer say nothing, and count in the next deeper row."""


def estimate_features(scores: Scores) -> float:
    """A number whose differences estimate those of the feature distance, from what can be measured
    without its network: R = 0.8 between exemplar synthesis and the network that ships, on 32
    photos, where it says 0.24 for a gain of 0.30. A blurred fill gets a worse one than it deserves.
    """
    return _PATCHES * scores.patches + _EDGES * scores.edges + _SSIM * scores.ssim_hole


def agree(pairs: Sequence[tuple[Scores, Scores]]) -> bool:
    """Whether, of fills before and after, those after are better beyond doubt: neither SSIM nor
    edges nor patches are worse in the mean, each of which alone can be fooled, and the mean of what
    `estimate_features` makes of them falls by more than its standard error.
    """
    measures = np.array([
        [after.ssim_hole - before.ssim_hole, before.edges - after.edges,
         before.patches - after.patches]
        for before, after in pairs
    ])  # fmt: skip
    falls = np.array([estimate_features(each) - estimate_features(to) for each, to in pairs])
    if len(falls) < 2 or (measures.mean(axis=0) < 0).any():
        return False
    return bool(falls.mean() > falls.std(ddof=1) / len(falls) ** 0.5)


def find_better(rows: Sequence[ScoreRow], network: str) -> tuple[dict[str, float], list[DepthGain]]:
    """``better_for`` and ``gains`` of a `WeightsEntry` whose fills are called ``network`` in rows
    grouped by `group_by_depth`. Where the fills have no features, these are estimated, and are no
    gain where SSIM, edges and patches do not `agree`.
    """
    gains = measure_gains(rows, network)
    deep: dict[str, float] = {}
    for gain in gains:
        if measure_worth(gains, gain.situation, gain.up_to) >= 0:
            deep[gain.situation] = max(gain.up_to, deep.get(gain.situation, 0.0))
    return deep, gains


def measure_gains(rows: Sequence[ScoreRow], network: str) -> list[DepthGain]:
    """The gains of ``network`` over `ALONE` in the groups of `group_by_depth` in ``rows``, by
    situation and from the thinnest holes to the deepest. A group of fewer than `FEWEST` holes that
    both filled is joined with the next deeper one.
    """
    found = []
    for situation in get_args(Situation):
        own: list[ScoreRow] = []
        for low, high in pairwise((0, *DEPTHS)):
            own += [row for row in rows if row.group == name_depth(situation, low, high)]
            both = _find_both(own, network)
            if len(both) >= FEWEST:
                found.append(_compare(situation, high, both))
                own = []
    return found


def _find_both(rows: Sequence[ScoreRow], network: str) -> list[tuple[ScoreRow, ScoreRow]]:
    """The rows of both, photo by photo."""
    held = {(row.photo, row.candidate): row for row in rows if row.scores is not None}
    photos = dict.fromkeys(row.photo for row in rows)
    return [
        (held[photo, ALONE], held[photo, network])
        for photo in photos
        if (photo, ALONE) in held and (photo, network) in held
    ]


def _compare(situation: str, up_to: int, both: Sequence[tuple[ScoreRow, ScoreRow]]) -> DepthGain:
    gains = np.array([_measure_gain(*pair) for pair in both]).mean(axis=0)
    features, ssim, seconds = gains.tolist()
    pairs = [(x.scores, y.scores) for x, y in both if x.scores is not None and y.scores is not None]
    if any(score.features is None for pair in pairs for score in pair) and not agree(pairs):
        features = min(features, 0.0)
    return DepthGain(
        situation, float(up_to), len(both), round(features, 3), round(ssim, 4), round(seconds, 2)
    )


def _measure_gain(alone: ScoreRow, network: ScoreRow) -> tuple[float, float, float]:
    before, after = rate_fill(alone), rate_fill(network)
    seconds = (network.processor or 0.0) - (alone.processor or 0.0)
    return before[0] - after[0], after[1] - before[1], seconds


def rate_fill(row: ScoreRow) -> tuple[float, float]:
    """The feature distance of a fill, or an estimate of it, and its SSIM in the hole."""
    assert row.scores is not None
    features = row.scores.features
    return estimate_features(row.scores) if features is None else features, row.scores.ssim_hole
