"""Hole-ratio bins: large holes are harder, so means are only alike for holes of like size.

The bins are those of the irregular masks of Liu et al., "Image Inpainting for Irregular Holes
Using Partial Convolutions" (ECCV 2018), which "Thinking inside the Convolution for Image
Inpainting" (TSGL) reports by too: (0.01, 0.1], (0.1, 0.2] .. (0.5, 0.6] of the photo. A photo
whose hole is smaller or larger than all of them is kept apart, never put into the nearest bin.

The protocol is ours where the paper is silent: neither it nor its published code says what window
its SSIM has and whether it is taken on colour or grey; here it is that of `metrics.ssim_map`. The
published test programs compute no score: they write composites, and the truth, as JPEG files (the
one for 256x256 stretches each picture from its own darkest to its own brightest value first). Here
composites of 8 bits are scored as they are, at the size of the photo (the paper: 256x256 and
512x512). So figures compare between rows here, and only roughly with printed ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from inpaint_core.lab.evaluation.trial import Row


@dataclass(frozen=True, slots=True)
class Bin:
    """Holes of more than ``low`` and at most ``high`` of the photo's pixels.

    ``title`` names it in the table.
    """

    low: float
    high: float
    title: str

    def holds(self, ratio: float) -> bool:
        """Whether a hole of this share of the photo belongs here."""
        return self.low < ratio <= self.high


BOUNDS = (0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
BELOW = Bin(0.0, BOUNDS[0], "Holes below the paper's bins: at most 1 % of the photo")
ABOVE = Bin(BOUNDS[-1], inf, "Holes above the paper's bins: over 60 % of the photo")
BINS = (
    BELOW,
    *(
        Bin(low, high, f"Holes over {low:.0%} and up to {high:.0%} of the photo".replace("%", " %"))
        for low, high in pairwise(BOUNDS)
    ),
    ABOVE,
)


def binned(rows: Sequence[Row]) -> list[tuple[Bin, list[Row]]]:
    """The bins that have photos, from small to large, with their rows in the order given.

    Rows of a photo that could not be read have no ratio and are in no bin.
    """
    found = []
    for each in BINS:
        own = [row for row in rows if row.ratio is not None and each.holds(row.ratio)]
        if own:
            found.append((each, own))
    return found
