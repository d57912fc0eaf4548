"""A stand-in for a strong network: it shows the photo without the hole, as small as it sees it.

``python -m inpaint_core.lab.evaluation.native_stage.perfect_network PHOTO… [--side N]`` measures
what of its fill is left at the photo's own resolution: `docs/experiments/network-details.md`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage, Pixels
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, InpaintRequest, InpaintResult, View
from inpaint_core.contract.specs import GeneratorPass, GeneratorSpec, SizeRule
from inpaint_core.engine.engine import Engine
from inpaint_core.lab.evaluation.edge_metrics import edge_error
from inpaint_core.lab.evaluation.pixel_metrics import psnr, sharpness
from inpaint_core.photo.read_photo import read_photo

_TILT = 20.0  # degrees of the hole's longer axis


class PerfectNetwork:
    """Fills holes of ``photo`` (H, W, 3) uint8 with what it shows there, seen at most ``side``
    pixels at once. ``trust`` as in `GeneratorSpec`.
    """

    def __init__(self, photo: NDArray[np.uint8], side: int, trust: float = 1.0) -> None:
        self._photo = photo
        self._pass: GeneratorPass | None = None
        self.spec = GeneratorSpec(
            id="perfect",
            title="Perfect network",
            summary="Shows the photo itself.",
            run=self._run,
            size=SizeRule(side, 8),
            native_stage=True,
            trust=trust,
        )

    def fill(self, mask: NDArray[np.uint8]) -> InpaintResult:
        """Fill the hole ``mask`` (H, W) uint8, neither grown nor feathered."""
        request = InpaintRequest(self._photo, mask, FillOptions(self.spec.id, grow=0, feather=0))
        return Engine(own=[self.spec]).inpaint(request, Progress(), watch=self._watch)

    @contextmanager
    def _watch(self, made: GeneratorPass) -> Iterator[None]:
        self._pass = made
        yield

    def _run(self, net: None, view: View, progress: Progress) -> Fill:
        made = self._pass
        assert made is not None
        seen = self._photo[made.crop.slices].astype(np.float32) / 255
        small = cv2.resize(seen, made.size, interpolation=cv2.INTER_AREA)[made.tile.slices]
        height, width = view.hole.shape
        down, right = height - small.shape[0], width - small.shape[1]
        whole: FloatImage = np.asarray(
            cv2.copyMakeBorder(small, 0, down, 0, right, cv2.BORDER_REFLECT), np.float32
        )
        return Fill(whole)


def make_hole(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A tilted ellipse near the middle, a fifth of the width, as a mask (H, W) uint8."""
    height, width = shape[:2]
    mask = np.zeros((height, width), np.uint8)
    axes = (round(0.11 * width), round(0.16 * height))
    cv2.ellipse(mask, (width // 2, round(0.45 * height)), axes, _TILT, 0, 360, [255], -1)
    return mask


def measure(
    photo: NDArray[np.uint8], filled: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> dict[str, float]:
    """PSNR in the hole in dB, sharpness (1 = the photo's), and the share of wrong edges."""
    hole = mask > 0
    error = float(np.square(photo[hole].astype(np.float64) - filled[hole]).mean())
    return {
        "psnr": psnr(error),
        "sharpness": sharpness(photo, filled, hole),
        "edge error": edge_error(photo, filled, hole),
    }


def main() -> None:
    """Print a line for each photo: a trusted network, and one that only guides."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--side", type=int, default=512, help="pixels that it sees at once")
    parser.add_argument("--longest", type=int, help="scale photos down to this longest side")
    args = parser.parse_args()
    for path in args.photos:
        photo = _shrink(read_photo(path).pixels, args.longest)
        mask = make_hole(photo.shape)
        for trust in (1.0, 0.3):
            result = PerfectNetwork(photo, args.side, trust).fill(mask)
            figures = measure(photo, np.asarray(result.applied_to(photo), np.uint8), mask)
            scale = result.plan[0]["levels"][-1]["scale"]
            shown = ", ".join(f"{name} {value:.2f}" for name, value in figures.items())
            print(f"{path.name}: trust {trust}, seen at {scale:.2f}: {shown}", flush=True)


def _shrink(photo: Pixels, longest: int | None) -> NDArray[np.uint8]:
    """At 8 bits and at most ``longest`` pixels."""
    share = 1.0 if longest is None else min(1.0, longest / max(photo.shape))
    size = (round(photo.shape[1] * share), round(photo.shape[0] * share))
    levels = np.iinfo(photo.dtype).max / 255
    small = cv2.resize(photo.astype(np.float32), size, interpolation=cv2.INTER_AREA) / levels
    return np.asarray(np.rint(small), np.uint8)


if __name__ == "__main__":
    main()
