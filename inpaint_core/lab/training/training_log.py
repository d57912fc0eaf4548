"""What a run reports: figures and pictures of photos that the network has not seen, written as
lines of JSON, PNG files, and to TensorBoard if it is installed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inpaint_core.lab.evaluation.pixel_metrics import psnr, ssim_map
from inpaint_core.networks.inputs import Batch
from inpaint_core.photo.atomic_file import write_atomically

MetricsListener = Callable[[Mapping[str, Any]], None]

_ROWS = 8  # of the contact sheet


class TrainingLog:
    """Lines go to ``metrics.jsonl`` in ``folder`` and to ``say``.

    ``tensorboard``: also to TensorBoard's files in that folder; if it is not installed, a note says
    so once and the run goes on.
    """

    def __init__(self, folder: Path, say: MetricsListener, tensorboard: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.say = folder, say
        self.board: Any = None
        if tensorboard:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError:
                say({"note": "TensorBoard is not installed; the run goes on without it."})
            else:
                self.board = SummaryWriter(str(folder / "tensorboard"))

    def write_line(self, figures: Mapping[str, Any]) -> None:
        """Write one line; all numbers but "step" and "images" become curves."""
        with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(figures) + "\n")
        if self.board is not None:
            for name in figures.keys() - {"step", "images"}:
                self.board.add_scalar(name, figures[name], figures["step"])
        self.say(figures)

    def write_sheet(self, picture: NDArray[np.uint8], step: int) -> None:
        """Write a contact sheet (H, W, 3) RGB as ``validation.png``, replacing the last one."""
        with write_atomically(self.folder / "validation.png", True) as stream:
            stream.write(bytes(cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))[1]))
        if self.board is not None:
            self.board.add_image("validation", picture, step, dataformats="HWC")

    def close(self) -> None:
        """Close the files."""
        if self.board is not None:
            self.board.close()


def to_8bit(images: Tensor) -> NDArray[np.uint8]:
    """(B, 3, H, W) in [-1, 1] -> (B, H, W, 3) uint8."""
    levels = (images.float().clamp(-1, 1) + 1) * 127.5
    return levels.round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


@torch.no_grad()
def validate(
    show: Callable[[Batch], tuple[Tensor, Tensor]], samples: Sequence[Batch]
) -> tuple[dict[str, float], NDArray[np.uint8]]:
    """Figures and a contact sheet (rows of hole, fill, truth; RGB).

    ``show(batch)``: the fill and the truth, both (B, 3, H, W) in [-1, 1] and equal outside holes.

    "l1": mean absolute error inside the holes in [0, 1]; "psnr" (dB) and "ssim": means over the
    samples' 8-bit composites, SSIM as in the evaluation. Each sample is a batch on the network's
    device.
    """
    errors: list[float] = []
    ratios: list[float] = []
    likeness: list[float] = []
    rows: list[NDArray[np.uint8]] = []
    for batch in samples:
        found, wanted = show(batch)
        known = batch.inputs.known
        gap = (found.float() - wanted).abs().sum(dim=(1, 2, 3)) / 2
        errors += (gap / (3 * (1 - known).sum(dim=(1, 2, 3)))).tolist()
        holes = np.asarray((known < 0.5)[:, 0].cpu())
        for fill, truth, hole in zip(to_8bit(found), to_8bit(wanted), holes, strict=True):
            ratios.append(psnr(float(np.square(fill.astype(np.float64) - truth).mean())))
            likeness.append(float(ssim_map(truth, fill).mean()))
            if len(rows) < _ROWS:
                painted = np.where(hole[..., None], np.uint8(255), truth)
                rows.append(np.concatenate([painted, fill, truth], axis=1))
    figures = {
        "l1": float(np.mean(errors)),
        "psnr": float(np.mean(ratios)),
        "ssim": float(np.mean(likeness)),
    }
    return figures, np.concatenate(rows)
