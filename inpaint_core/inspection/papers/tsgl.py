"""The figures of the TSGL paper that one network can show: 8 to 12 and 16 to 18.

F_k is the texture map at stage k before it meets structure, F'_k after that. The paper compares
with layer k - 1 of a second network, its baseline without guidance; where no such network is given,
with the layer before of the same one. Where it shows several networks beside each other, this is
the column “ours”.
"""

from __future__ import annotations

import numpy as np

from inpaint_core.contract.message import Message
from inpaint_core.inspection.colour_maps import ValueScale, find_scale
from inpaint_core.inspection.figures.channel_vectors import (
    Maps,
    channel_divergence,
    high_pass,
    lost_by_halving,
    lost_within,
)
from inpaint_core.inspection.figures.paper_figure import (
    Evidence,
    FigureSpec,
    NumberRow,
    PaperFigure,
    PaperSpec,
)
from inpaint_core.inspection.figures.sheet import (
    Cell,
    draw_sheet,
    map_cell,
    picture_cell,
    plane_cell,
    spectrum_cell,
    strength_cell,
)
from inpaint_core.inspection.reduction import entropy
from inpaint_core.priors.canny import find_canny_edges
from inpaint_core.priors.grey import LUMA
from inpaint_core.raster.composition import to_float

STAGES = range(1, 6)
SCALES = range(1, 7)
"""Those of the balance module, which has one more than there are stages."""
GLOBAL_STAGES = 3
"""Of figure 16: so many stages show global structure, the others local residuals."""

_BEFORE = (Message("figures.row.baseline"), Message("figures.row.texture_before"))

HEADS = tuple(f"1/{1 << k}" for k in SCALES)


def _names(part: str, numbers: range) -> tuple[str, ...]:
    return tuple(f"{part}-{k}" for k in numbers)


def _rebuilt(k: int) -> str:
    """The tap of F'_k. Before the first stage nothing is rebuilt: F'_0 is F_0."""
    return f"rebuilt-{k}" if k else "texture-0"


def _residual(evidence: Evidence, k: int) -> Maps:
    """R_k = F'_(k-1) - Up(F'_k), at the size of stage k - 1."""
    return lost_by_halving(evidence.maps(_rebuilt(k - 1)), evidence.maps(_rebuilt(k)))


def _before(evidence: Evidence, k: int) -> Maps:
    """The map that stage k is compared with: layer k - 1 of the baseline, which has no F'."""
    if evidence.baseline is None:
        return evidence.maps(_rebuilt(k - 1))
    return evidence.baseline.maps(f"texture-{k - 1}")


def _note(evidence: Evidence) -> Message:
    """What the losses are measured against."""
    if evidence.baseline is None:
        return Message("figures.note.same_network")
    return Message("figures.note.baseline", engine=evidence.baseline.engine)


def _draw_structure(evidence: Evidence) -> PaperFigure:
    encoder = [strength_cell(evidence, evidence.maps(f"structure-{k}"), 1 << k) for k in STAGES]
    texture = [strength_cell(evidence, evidence.high_pass(_rebuilt(k)), 1 << k) for k in STAGES]
    return PaperFigure("tsgl_structure", draw_sheet(HEADS[:5], [encoder, texture]))


def _draw_global(evidence: Evidence) -> PaperFigure:
    rows: list[list[Cell]] = [[], [], [], []]
    for k in STAGES:
        maps, edges = evidence.maps(_rebuilt(k)), evidence.high_pass(_rebuilt(k))
        losses = (_loss_of_structure(evidence, k), _loss_of_texture(evidence, k))
        rows[0].append(strength_cell(evidence, edges, 1 << k, f"KL {losses[0]:.3f}"))
        rows[1].append(spectrum_cell(evidence, edges))
        rows[2].append(strength_cell(evidence, maps, 1 << k, f"KL {losses[1]:.3f}"))
        rows[3].append(spectrum_cell(evidence, maps))
    return PaperFigure("tsgl_global", draw_sheet(HEADS[:5], rows), note=_note(evidence))


def _draw_local(evidence: Evidence) -> PaperFigure:
    rows: list[list[Cell]] = [[], [], [], []]
    for k in STAGES:
        maps, lost = evidence.maps(_rebuilt(k)), _residual(evidence, k)
        losses = (_loss_of_residual(evidence, k), _loss_of_texture(evidence, k))
        rows[0].append(strength_cell(evidence, lost, 1 << (k - 1), f"KL {losses[0]:.3f}"))
        rows[1].append(spectrum_cell(evidence, lost))
        rows[2].append(strength_cell(evidence, maps, 1 << k, f"KL {losses[1]:.3f}"))
        rows[3].append(spectrum_cell(evidence, maps))
    return PaperFigure("tsgl_local", draw_sheet(HEADS[:5], rows), note=_note(evidence))


def _draw_entropy(evidence: Evidence) -> PaperFigure:
    rows = []
    for branch in ("global", "local"):
        planes = [entropy(evidence.maps(f"{branch}-{k}")) for k in STAGES]
        rows.append(
            [map_cell(evidence, plane, 1 << k) for k, plane in zip(STAGES, planes, strict=True)]
        )
    return PaperFigure("tsgl_entropy", draw_sheet(HEADS[:5], rows))


def _loss_of_texture(evidence: Evidence, k: int) -> float:
    return channel_divergence(_before(evidence, k), evidence.maps(_rebuilt(k)))


def _loss_of_structure(evidence: Evidence, k: int) -> float:
    before = (
        evidence.high_pass(_rebuilt(k - 1))
        if evidence.baseline is None
        else high_pass(_before(evidence, k))
    )
    return channel_divergence(before, evidence.high_pass(_rebuilt(k)))


def _loss_of_residual(evidence: Evidence, k: int) -> float:
    return channel_divergence(_before(evidence, k), _residual(evidence, k))


def _draw_losses(evidence: Evidence) -> PaperFigure:
    compared = evidence if evidence.baseline is None else evidence.baseline
    raw = [compared.maps(f"texture-{k}") for k in range(6)]
    before = tuple(channel_divergence(raw[k - 1], raw[k]) for k in STAGES)
    rows = (
        NumberRow(
            Message("figures.row.texture"), tuple(_loss_of_texture(evidence, k) for k in STAGES)
        ),
        NumberRow(_BEFORE[evidence.baseline is None], before),
        NumberRow(
            Message("figures.row.structure"), tuple(_loss_of_structure(evidence, k) for k in STAGES)
        ),
        NumberRow(
            Message("figures.row.residual"), tuple(_loss_of_residual(evidence, k) for k in STAGES)
        ),
    )
    return PaperFigure("tsgl_losses", columns=HEADS[:5], rows=rows, note=_note(evidence))


def _draw_spectra(evidence: Evidence) -> PaperFigure:
    maps: list[Cell] = []
    spectra: list[Cell] = []
    for k in STAGES:
        is_global = k <= GLOBAL_STAGES
        shown = evidence.high_pass(_rebuilt(k)) if is_global else _residual(evidence, k)
        maps.append(strength_cell(evidence, shown, 1 << (k if is_global else k - 1)))
        spectra.append(spectrum_cell(evidence, shown))
    return PaperFigure("tsgl_spectra", draw_sheet(HEADS[:5], [maps, spectra]))


def _draw_balance(evidence: Evidence) -> PaperFigure:
    cells: list[list[Cell]] = [[], []]
    means: list[list[float]] = [[], []]
    for k in SCALES:
        pair = [entropy(evidence.maps(f"{part}-{k}")) for part in ("fused", "balanced")]
        scale = find_scale(np.concatenate([plane.ravel() for plane in pair]), "percentile")
        for row, plane in enumerate(pair):
            mean = float(plane.mean())
            cells[row].append(map_cell(evidence, plane, 1 << k, scale, f"{mean:.2f}"))
            means[row].append(mean)
    rows = (
        NumberRow(Message("figures.row.without_balance"), tuple(means[0])),
        NumberRow(Message("figures.row.with_balance"), tuple(means[1])),
    )
    return PaperFigure("tsgl_balance", draw_sheet(HEADS, cells), columns=HEADS, rows=rows)


def _draw_decoder(evidence: Evidence) -> PaperFigure:
    rows: list[list[Cell]] = []
    for part in ("fused", "balanced"):
        rows.append(
            [strength_cell(evidence, evidence.high_pass(f"{part}-{k}"), 1 << k) for k in STAGES]
        )
    for part in ("fused", "balanced"):
        rows.append(
            [
                strength_cell(evidence, lost_within(evidence.maps(f"{part}-{k}")), 1 << k)
                for k in STAGES
            ]
        )
    return PaperFigure("tsgl_decoder", draw_sheet(HEADS[:5], rows))


def _draw_images(evidence: Evidence) -> PaperFigure:
    run, crop = evidence.run, evidence.capture.place.crop
    after = to_float(run.result.applied_to(run.request.image)[crop.slices])
    pictures = [evidence.output, after]
    if evidence.truth is not None:
        pictures.append(evidence.wanted)
    shown, edges, lost = [], [], []
    for picture in pictures:
        small = evidence.at_tile_size(picture)
        nothing = np.zeros(small.shape[:2], np.bool_)
        shown.append(picture_cell(small))
        edges.append(plane_cell(find_canny_edges(small, nothing).astype(np.float32)))
        residual = lost_within(small.transpose(2, 0, 1)).transpose(1, 2, 0)
        lost.append(residual @ np.asarray(LUMA, np.float32))
    most = max(float(np.percentile(np.abs(plane), 99)) for plane in lost)
    scale = ValueScale(0.0, most)
    residuals = [plane_cell(np.abs(plane), scale) for plane in lost]
    heads = [str(n) for n in range(1, len(pictures) + 1)]
    return PaperFigure("tsgl_images", draw_sheet(heads, [shown, edges, residuals]))


_TEXTURES = _names("texture", range(6))
_REBUILT = ("texture-0", *_names("rebuilt", STAGES))
_HANDED = (*_names("fused", SCALES), *_names("balanced", SCALES))

SPEC = PaperSpec(
    id="tsgl",
    title="TSGL",
    engine="tsgl",
    figures=(
        FigureSpec(
            "tsgl_structure", "8", _draw_structure, (*_names("structure", STAGES), *_REBUILT)
        ),
        FigureSpec("tsgl_global", "9", _draw_global, _REBUILT),
        FigureSpec("tsgl_local", "10", _draw_local, _REBUILT),
        FigureSpec(
            "tsgl_entropy",
            "11",
            _draw_entropy,
            (*_names("global", STAGES), *_names("local", STAGES)),
        ),
        FigureSpec("tsgl_losses", "3, 12", _draw_losses, (*_REBUILT, *_TEXTURES[1:])),
        FigureSpec("tsgl_spectra", "16", _draw_spectra, _REBUILT),
        FigureSpec("tsgl_balance", "17", _draw_balance, _HANDED),
        FigureSpec("tsgl_decoder", "18", _draw_decoder, _HANDED),
        FigureSpec("tsgl_images", "18", _draw_images),
    ),
    baseline_taps=_TEXTURES,
    is_baseline=lambda spec: not any(".branches." in tap.module for tap in spec.taps),
)
