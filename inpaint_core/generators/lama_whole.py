"""LaMa sees the whole surroundings of a hole at once, not in tiles: with imported weights."""

from __future__ import annotations

from dataclasses import replace

from inpaint_core.contract.specs import SizeRule
from inpaint_core.generators import lama

_SIDE = 1440
"""Of the largest square that it sees at once, or an oblong of that area: two megapixels, for which
a CPU takes 2 to 3 GB."""

SPEC = replace(
    lama.SPEC,
    id="lama_whole",
    title="Large masks, in one piece (LaMa)",
    summary="As LaMa, but sees two megapixels at once, as much as a square of 1,440 pixels. Takes"
    " up to twice the time and memory.",
    size=SizeRule(_SIDE, lama.SPEC.size.multiple, by_area=True),
)
