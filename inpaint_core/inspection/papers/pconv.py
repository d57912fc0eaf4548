"""What the paper of partial convolutions tells: the hole shrinks from layer to layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inpaint_core.contract.message import Message
from inpaint_core.inspection.figures.channel_vectors import Maps
from inpaint_core.inspection.figures.paper_figure import (
    Evidence,
    FigureSpec,
    NumberRow,
    PaperFigure,
    PaperSpec,
)
from inpaint_core.inspection.figures.sheet import CELL, Cell, draw_sheet, strength_cell
from inpaint_core.inspection.map_picture import Rgb, draw_photo, sample_map, tint_hole
from inpaint_core.inspection.placed_map import merge_tiles
from inpaint_core.networks.pconv.config import LEAN

LEVELS = range(1, len(LEAN.widths) + 1)
HEADS = tuple(f"1/{1 << k}" for k in (0, *LEVELS))

_FRAME = 400


def _read_known(evidence: Evidence) -> tuple[list[Maps], list[Maps]]:
    """What is known (1, h, w), 1 or 0: before and after each level of the encoder, from fine to
    coarse, and after each level of the decoder, in the same order of sizes.
    """
    given = (~evidence.capture.hole).astype(np.float32)[None]
    encoder = [given, *(evidence.maps(f"known-{k}") for k in LEVELS)]
    return encoder, [evidence.maps(f"filled-{k}") for k in LEVELS]


def _draw_known(evidence: Evidence, known: Maps, stride: int, longest: int) -> Rgb:
    """The photo, pale and grey, with what is unknown in a colour."""
    crop = evidence.capture.place.crop
    placed = merge_tiles([(evidence.capture.place, known[0])], stride)
    photo = Image.fromarray(draw_photo(evidence.run.request.image, crop, longest))
    pale = np.asarray(photo.convert("L").convert("RGB"), np.float32) * 0.5 + 110
    return tint_hole(pale.astype(np.uint8), sample_map(placed, crop, longest) < 0.5)


def _draw_shrinking(evidence: Evidence) -> PaperFigure:
    encoder, decoder = _read_known(evidence)
    cells: list[list[Cell | None]] = []
    for maps in (encoder, decoder):
        row: list[Cell | None] = [
            Cell(_draw_known(evidence, known, 1 << k, CELL), f"{known.mean():.1%}")
            for k, known in enumerate(maps)
        ]
        cells.append([*row, *[None] * (len(HEADS) - len(row))])
    missing = (float("nan"),) * (len(encoder) - len(decoder))
    rows = (
        NumberRow(Message("figures.row.known_encoder"), _shares(encoder)),
        NumberRow(Message("figures.row.known_decoder"), (*_shares(decoder), *missing)),
    )
    return PaperFigure(
        "pconv_shrinking", draw_sheet(HEADS, cells, bar=False), columns=HEADS, rows=rows
    )


def _shares(known: Sequence[Maps]) -> tuple[float, ...]:
    return tuple(float(each.mean()) for each in known)


def _draw_animation(evidence: Evidence) -> PaperFigure:
    encoder, decoder = _read_known(evidence)
    down = [(known, k) for k, known in enumerate(encoder)]
    up = [(known, k) for k, known in enumerate(decoder)][::-1]
    frames = tuple(
        _label_frame(_draw_known(evidence, known, 1 << k, _FRAME), HEADS[k])
        for known, k in (*down, *up)
    )
    return PaperFigure("pconv_animation", frames=frames)


def _label_frame(picture: Rgb, head: str) -> Image.Image:
    frame = Image.fromarray(picture)
    draw, font = ImageDraw.Draw(frame), ImageFont.load_default(18)
    draw.rectangle((6, 6, 72, 32), (255, 255, 255))
    draw.text((39, 19), head, (24, 26, 29), font, anchor="mm")
    return frame


def _draw_maps(evidence: Evidence) -> PaperFigure:
    encoder: list[Cell | None] = [
        None, *(strength_cell(evidence, evidence.maps(f"encoded-{k}"), 1 << k) for k in LEVELS)
    ]  # fmt: skip
    decoder: list[Cell | None] = [
        *(strength_cell(evidence, evidence.maps(f"decoded-{k}"), 1 << (k - 1)) for k in LEVELS),
        None,
    ]
    return PaperFigure("pconv_maps", draw_sheet(HEADS, [encoder, decoder]))


_KNOWN = (*(f"known-{k}" for k in LEVELS), *(f"filled-{k}" for k in LEVELS))
_MAPS = (*(f"encoded-{k}" for k in LEVELS), *(f"decoded-{k}" for k in LEVELS))

SPEC = PaperSpec(
    id="pconv",
    title="PConv",
    engine="pconv",
    figures=(
        FigureSpec("pconv_animation", "", _draw_animation, _KNOWN, animated=True),
        FigureSpec("pconv_shrinking", "", _draw_shrinking, _KNOWN),
        FigureSpec("pconv_maps", "", _draw_maps, _MAPS),
    ),
)
