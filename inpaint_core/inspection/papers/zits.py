"""What the ZITS paper tells: structure completed pass by pass and doubled, and positions in the
hole.
"""

from __future__ import annotations

import numpy as np

from inpaint_core.contract.message import Message
from inpaint_core.inspection.colour_maps import ValueScale
from inpaint_core.inspection.figures.channel_vectors import Maps
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
    plane_cell,
    strength_cell,
)

STEPS = range(1, 6)
"""The passes in which the transformer completes a hole."""
PARTS = range(2)
"""The channels of structure: edges and lines."""
ENCODED = range(4)

_CERTAIN = ValueScale(0.0, 1.0)
_WINDOW = 96  # pixels of the tile around the middle of the hole, enlarged


def _draw_steps(evidence: Evidence) -> PaperFigure:
    maps = [evidence.maps(f"step-{k}") for k in STEPS]
    rows = [[map_cell(evidence, m[part], 1, _CERTAIN, "") for m in maps] for part in PARTS]
    return PaperFigure("zits_steps", draw_sheet([str(k) for k in STEPS], rows))


def _draw_sizes(evidence: Evidence) -> PaperFigure:
    maps = [evidence.maps(name) for name in (f"step-{STEPS[-1]}", "structure")]
    rows = []
    for part in PARTS:
        cells = [plane_cell(_cut_window(evidence, m[part]), _CERTAIN) for m in maps]
        rows.append([Cell(cell.picture) for cell in cells])
    same = np.array_equal(maps[0], maps[1])
    note = Message("figures.note.not_enlarged") if same else None
    return PaperFigure("zits_sizes", draw_sheet(["1", "2"], rows), note=note)


def _cut_window(evidence: Evidence, plane: Maps) -> Maps:
    """The part of a map (h, w) of the tile around the middle of the hole."""
    rows, columns = np.nonzero(evidence.capture.hole)
    height, width = plane.shape
    high, wide = min(_WINDOW, height), min(_WINDOW, width)
    top = min(max(int(rows.mean()) - high // 2, 0), height - high)
    left = min(max(int(columns.mean()) - wide // 2, 0), width - wide)
    return plane[top : top + high, left : left + wide]


def _draw_positions(evidence: Evidence) -> PaperFigure:
    planes = [*evidence.maps("distance"), *evidence.maps("direction")]
    heads = [str(n) for n in range(1, len(planes) + 1)]
    return PaperFigure(
        "zits_positions", draw_sheet(heads, [[map_cell(evidence, p, 1) for p in planes]])
    )


def _draw_encoded(evidence: Evidence) -> PaperFigure:
    cells = [strength_cell(evidence, evidence.maps(f"encoded-{k}"), 1 << k) for k in ENCODED]
    return PaperFigure("zits_encoded", draw_sheet([f"1/{1 << k}" for k in ENCODED], [cells]))


_PASSES = tuple(f"step-{k}" for k in STEPS)

SPEC = PaperSpec(
    id="zits",
    title="ZITS",
    engine="zits",
    figures=(
        FigureSpec("zits_steps", "", _draw_steps, _PASSES),
        FigureSpec("zits_sizes", "", _draw_sizes, (_PASSES[-1], "structure")),
        FigureSpec("zits_positions", "", _draw_positions, ("distance", "direction")),
        FigureSpec("zits_encoded", "", _draw_encoded, tuple(f"encoded-{k}" for k in ENCODED)),
    ),
)
