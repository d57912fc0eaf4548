"""The inspection pictures of the DMFN paper: its fusion blocks, and its figures 4 and 5."""

from __future__ import annotations

import numpy as np

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.inspection.colour_maps import ValueScale, find_scale
from inpaint_core.inspection.figures.channel_vectors import Maps, reduce_twice
from inpaint_core.inspection.figures.paper_figure import (
    Evidence,
    FigureSpec,
    PaperFigure,
    PaperSpec,
)
from inpaint_core.inspection.figures.sheet import (
    Cell,
    draw_sheet,
    map_cell,
    picture_cell,
    plane_cell,
)
from inpaint_core.networks.dmfn.config import LEAN

BLOCKS = range(1, LEAN.blocks + 1)
SHOWN_BLOCKS = (1, LEAN.blocks)
"""The blocks whose insides are shown: the first and the last."""
RATES = (1, 2, 4, 8)
STRIDE = 4
AVERAGED = 2
"""Maps of the classifier that figure 4 shows and equation 3 weighs."""


def _mean_cell(evidence: Evidence, tap: str) -> Cell:
    """The mean over the channels of a tap's map."""
    return map_cell(evidence, evidence.maps(tap).mean(axis=0), STRIDE)


def _draw_blocks(evidence: Evidence) -> PaperFigure:
    cells = [_mean_cell(evidence, f"block-{k}") for k in BLOCKS]
    return PaperFigure("dmfn_blocks", draw_sheet([str(k) for k in BLOCKS], [cells]))


def _draw_fusion(evidence: Evidence) -> PaperFigure:
    rows: list[list[Cell | None]] = []
    for k in SHOWN_BLOCKS:
        rows.append([_mean_cell(evidence, f"rate{rate}-{k}") for rate in RATES])
        rows.append([None, *(_mean_cell(evidence, f"sum{rate}-{k}") for rate in RATES[1:])])
    return PaperFigure("dmfn_fusion", draw_sheet([str(rate) for rate in RATES], rows))


def _draw_guidance(evidence: Evidence) -> PaperFigure:
    output, truth = (evidence.at_tile_size(p) for p in (evidence.output, evidence.wanted))
    guidance = compute_guidance(output, truth)
    scale = ValueScale(0.0, 1.0)
    cells = [
        picture_cell(output),
        picture_cell(truth),
        plane_cell(guidance, scale),
        plane_cell(reduce_twice(guidance), scale),
    ]
    return PaperFigure("dmfn_guidance", draw_sheet(["1", "2", "M1", "M2"], [cells]))


def compute_guidance(output: FloatImage, truth: FloatImage) -> Maps:
    """The map M1 of two pictures (h, w, 3) in [0, 1]: see `guidance_map`; (h, w) in [0, 1]."""
    from inpaint_core.networks.dmfn.losses import guidance_map
    from inpaint_core.networks.inputs import to_tensor

    found = guidance_map(*(to_tensor(picture * 2 - 1) for picture in (output, truth)))
    return np.asarray(found[0, 0].numpy(), np.float32)


def _draw_averages(evidence: Evidence) -> PaperFigure:
    assert evidence.classifier is not None
    pictures = [evidence.at_tile_size(p) for p in (evidence.output, evidence.wanted)]
    means = [[m.mean(axis=0) for m in evidence.classifier(p)[:AVERAGED]] for p in pictures]
    scales = [
        find_scale(np.concatenate([pair[n].ravel() for pair in means]), "percentile")
        for n in range(AVERAGED)
    ]
    rows = [
        [picture_cell(picture), *(plane_cell(m, s) for m, s in zip(planes, scales, strict=True))]
        for picture, planes in zip(pictures, means, strict=True)
    ]
    return PaperFigure("dmfn_averages", draw_sheet(["", "1", "2"], rows))


_INSIDES = tuple(
    name
    for k in SHOWN_BLOCKS
    for name in (*(f"rate{r}-{k}" for r in RATES), *(f"sum{r}-{k}" for r in RATES[1:]))
)

SPEC = PaperSpec(
    id="dmfn",
    title="DMFN",
    engine="dmfn",
    figures=(
        FigureSpec("dmfn_blocks", "", _draw_blocks, tuple(f"block-{k}" for k in BLOCKS)),
        FigureSpec("dmfn_fusion", "2", _draw_fusion, _INSIDES),
        FigureSpec("dmfn_averages", "4", _draw_averages, needs=("truth", "classifier")),
        FigureSpec("dmfn_guidance", "5", _draw_guidance, needs=("truth",)),
    ),
)
