"""Draws the figures of a paper from one fill."""

from __future__ import annotations

import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import generator, generators
from inpaint_core.inspection.capture import InspectedRun, TileCapture
from inpaint_core.inspection.figures.paper_figure import (
    Baseline,
    Classifier,
    Evidence,
    FigureSpec,
    PaperFigure,
    PaperSpec,
)
from inpaint_core.networks.store.entries import find_entry


def check_engine(paper: PaperSpec, engine: str) -> None:
    """Make sure that the figures of a paper can be drawn with an engine.

    Raises `BadRequest` when this version has no engine for the paper, when it has no weights yet,
    or when ``engine`` has another network, whose maps may be called like the paper's and be others;
    what `generator` and `find_entry` raise.
    """
    if paper.engine not in generators():
        raise BadRequest("figures.no_engine", paper=paper.title, engine=paper.engine)
    if generator(engine).network != generator(paper.engine).network:
        own = paper.engine
        raise BadRequest("figures.other_engine", paper=paper.title, name=engine, engine=own)
    if not has_weights(engine):
        raise BadRequest("figures.no_weights", paper=paper.title, engine=engine)


def check_baseline(paper: PaperSpec, engine: str, baseline: str) -> None:
    """Make sure that an engine is the network that a paper compares ``engine`` with.

    Raises `BadRequest` when the paper compares with none, when ``baseline`` has no weights yet, is
    another network or no baseline, or has maps of another width; what `generator` and `find_entry`
    raise.
    """
    if not paper.baseline_taps:
        raise BadRequest("figures.no_baseline", paper=paper.title)
    check_engine(paper, baseline)
    spec = generator(baseline)
    if not paper.is_baseline(spec):
        own = paper.engine
        raise BadRequest("figures.other_baseline", paper=paper.title, name=baseline, engine=own)
    own_widths = {tap.name: tap.channels for tap in generator(engine).taps}
    for tap in spec.taps:
        wanted = own_widths.get(tap.name, tap.channels)
        if tap.name in paper.baseline_taps and tap.channels != wanted:
            raise BadRequest(
                "figures.baseline_width", name=baseline, given=tap.channels, wanted=wanted
            )


def list_taps(paper: PaperSpec, engine: str) -> list[str]:
    """The maps of an engine that the figures of a paper are drawn from."""
    return [tap.name for tap in generator(engine).taps if tap.name in paper.taps]


def has_weights(engine: str) -> bool:
    """Whether the weights of an engine, if it needs any, are on this machine."""
    from inpaint_core.contract.errors import WeightsUnavailable

    weights = generator(engine).weights
    if weights is None:
        return True
    try:
        return find_entry(weights).is_present
    except WeightsUnavailable:
        return False


def draw_paper(
    paper: PaperSpec,
    run: InspectedRun,
    truth: Pixels | None = None,
    classifier: Classifier | None = None,
    progress: Progress | None = None,
    baseline: InspectedRun | None = None,
) -> tuple[PaperFigure, ...]:
    """Every figure of a paper, in its order; those that cannot be drawn say why.

    ``truth`` (H, W, 3) uint8 or uint16: what lies in the hole. ``baseline``: the same request,
    filled by the network that the paper compares with, with its ``baseline_taps``. Raises
    `BadRequest` for a run without any map, and `Cancelled`.
    """
    progress = Progress() if progress is None else progress
    compared = None
    if baseline is not None:
        compared = Baseline(baseline.request.options.engine, _choose_capture(baseline))
    evidence = Evidence(run, _choose_capture(run), truth, classifier, compared)
    drawn = []
    for number, spec in enumerate(paper.figures):
        progress.report(number / len(paper.figures), Message("figures.drawing"))
        progress.check()
        missing = _find_missing(spec, evidence)
        drawn.append(
            spec.draw(evidence) if missing is None else PaperFigure(spec.id, missing=missing)
        )
    return tuple(drawn)


def _choose_capture(run: InspectedRun) -> TileCapture:
    """Of the passes that saw a whole crop, the one with most of the hole."""
    if not run.taps:
        raise BadRequest("figures.no_maps")
    crops = run.find_captures(run.taps[0].name)
    return max((c for crop in crops for c in crop), key=lambda c: np.count_nonzero(c.hole))


def _find_missing(spec: FigureSpec, evidence: Evidence) -> Message | None:
    """Why a figure cannot be drawn; None if it can."""
    lacking = [tap for tap in spec.taps if tap not in evidence.capture.maps]
    if lacking:
        return Message("figures.missing.maps", maps=lacking)
    if "truth" in spec.needs and evidence.truth is None:
        return Message("figures.missing.truth")
    if "classifier" in spec.needs and evidence.classifier is None:
        return Message("figures.missing.classifier")
    return None
