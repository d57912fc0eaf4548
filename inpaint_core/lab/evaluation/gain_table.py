"""What the network gains in holes of each kind, and what that takes, as the manifest holds it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import get_args

from inpaint_core.contract.errors import BadRequest
from inpaint_core.generators.auto import Situation
from inpaint_core.lab.evaluation.photo_groups import DEPTHS, name_depth
from inpaint_core.lab.evaluation.photo_scoring import ScoreRow
from inpaint_core.lab.evaluation.score_table import CandidateSummary, summarise
from inpaint_core.networks.store.manifest import DepthGain

ALONE, NETWORK = "exemplar", "tsgl"
FEWEST = 6
"""Holes of which a row is made: fewer say nothing, and count in the next deeper row."""


def check_gains(engines: Sequence[str], by: str | None, has_features: bool) -> None:
    """Raise `BadRequest` where fills of ``engines``, grouped ``by``, would have no gains."""
    if not ({ALONE, NETWORK} <= set(engines) and by == "depth" and has_features):
        raise BadRequest("lab.no_gains", alone=ALONE, network=NETWORK)


def measure_gains(rows: Sequence[ScoreRow]) -> list[DepthGain]:
    """The gains of the groups of `group_by_depth` in ``rows``, by situation and from the thinnest
    holes to the deepest. A group of fewer than `FEWEST` holes is joined with the next deeper one.

    Raises `BadRequest` where there are none of both engines, with features.
    """
    found = []
    for situation in get_args(Situation):
        own: list[ScoreRow] = []
        for low, high in pairwise((0, *DEPTHS)):
            own += [row for row in rows if row.group == name_depth(situation, low, high)]
            if len({row.photo for row in own}) >= FEWEST:
                by_name = {summary.candidate: summary for summary in summarise(own)}
                found.append(_compare(situation, high, by_name.get(ALONE), by_name.get(NETWORK)))
                own = []
    if not found:
        raise BadRequest("lab.no_gains", alone=ALONE, network=NETWORK)
    return found


def format_gains(gains: Sequence[DepthGain]) -> str:
    """The rows as they stand in the manifest."""
    return json.dumps([asdict(gain) for gain in gains], indent=2) + "\n"


def _compare(
    situation: str, up_to: int, alone: CandidateSummary | None, network: CandidateSummary | None
) -> DepthGain:
    if (
        alone is None
        or network is None
        or alone.scores is None
        or network.scores is None
        or alone.scores.features is None
        or network.scores.features is None
        or alone.processor is None
        or network.processor is None
    ):
        raise BadRequest("lab.no_gains", alone=ALONE, network=NETWORK)
    return DepthGain(
        situation,
        float(up_to),
        network.wins + alone.wins,
        round(alone.scores.features - network.scores.features, 3),
        round(network.scores.ssim_hole - alone.scores.ssim_hole, 4),
        round(network.processor - alone.processor, 2),
    )
