"""One photo, everybody's fill of it, and the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.evaluation.candidates import Candidate
from inpaint_core.lab.evaluation.cases import Case, Sample, load
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.lab.evaluation.scores import Features, Scores, score


@dataclass(frozen=True, slots=True)
class Row:
    """What one candidate reached on one photo: scores, or the reason why there are none.

    ``seconds`` is the time of the fill as this process saw it; None for a finished one.
    ``ratio`` is the hole's share of the photo's pixels, 0 to 1; None where they were not read.
    ``group``: the table beside that of all photos in which the row counts, if there is one.
    """

    photo: str
    candidate: str
    scores: Scores | None
    seconds: float | None = None
    error: str | None = None
    ratio: float | None = None
    group: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Trial:
    """A photo's rows, and the composites (H, W, 3) uint8 by candidate for looking at."""

    case: Case
    sample: Sample | None
    rows: tuple[Row, ...]
    composites: Mapping[str, Composite]


def trial(
    case: Case,
    candidates: Sequence[Candidate],
    features: Features | None = None,
    progress: Progress | None = None,
    lpips: Features | None = None,
) -> Trial:
    """Let every candidate fill the photo and score it by the common protocol.

    A candidate (or a photo) that fails with an `InpaintError` gets a row that says so; the rest
    goes on. Raises `Cancelled`.
    """
    progress = progress or Progress()
    try:
        sample = load(case)
    except InpaintError as error:
        rows = tuple(Row(case.name, c.name, None, error=str(error)) for c in candidates)
        return Trial(case, None, rows, {})
    # Of whole numbers, so that a hole of just 20 % is equal to 0.2 and not beside it.
    ratio = int(np.count_nonzero(sample.hole)) / sample.hole.size
    found: list[Row] = []
    composites: dict[str, Composite] = {}
    for index, candidate in enumerate(candidates):
        part = progress.part(index / len(candidates), (index + 1) / len(candidates))
        part.report(0.0, f"{case.name}: {candidate.name}")
        start = perf_counter()
        try:
            filled = candidate.fill(case, sample, part)
        except InpaintError as error:
            found.append(Row(case.name, candidate.name, None, error=str(error), ratio=ratio))
            continue
        seconds = perf_counter() - start if candidate.timed else None
        composite = np.where(sample.hole[..., None], filled, sample.truth)
        scores = score(sample.truth, composite, sample.hole, features, lpips)
        found.append(Row(case.name, candidate.name, scores, seconds, ratio=ratio))
        composites[candidate.name] = composite
    return Trial(case, sample, tuple(found), composites)
