"""How well a network fills holes in photos it has not seen, as figures and as a picture."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inpaint_core.lab.evaluation.pixel_metrics import psnr, ssim_map
from inpaint_core.lab.training.samples import Batch
from inpaint_core.networks.tsgl.inputs import composite

_ROWS = 8


def to_8bit(images: Tensor) -> NDArray[np.uint8]:
    """(B, 3, H, W) in [-1, 1] -> (B, H, W, 3) uint8."""
    levels = (images.float().clamp(-1, 1) + 1) * 127.5
    return levels.round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


@torch.no_grad()
def validate(net: nn.Module, samples: list[Batch]) -> tuple[Mapping[str, float], NDArray[np.uint8]]:
    """Figures and a contact sheet (rows of hole, fill, truth; RGB).

    "l1": mean absolute error inside the holes in [0, 1]; "psnr" (dB) and "ssim" are means over
    samples of 8-bit composites, SSIM as in the evaluation. Each sample is a batch on the
    network's device.
    """
    errors: list[float] = []
    ratios: list[float] = []
    likeness: list[float] = []
    rows: list[NDArray[np.uint8]] = []
    for batch in samples:
        found = composite(net(batch.inputs).image, batch.inputs)
        known = batch.inputs.known
        gap = (found.float() - batch.truth).abs().sum(dim=(1, 2, 3)) / 2
        errors += (gap / (3 * (1 - known).sum(dim=(1, 2, 3)))).tolist()
        holes = np.asarray((known < 0.5)[:, 0].cpu())
        for fill, truth, hole in zip(to_8bit(found), to_8bit(batch.truth), holes, strict=True):
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


def encode(sheet: NDArray[np.uint8]) -> bytes:
    """A contact sheet as the bytes of a PNG file."""
    return bytes(cv2.imencode(".png", np.ascontiguousarray(sheet[..., ::-1]))[1])
