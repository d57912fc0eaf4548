"""Random changes of what a discriminator sees, through which gradients flow to the generator.

With few photos a discriminator learns them by heart. It cannot if real and filled pictures reach it
changed at random, and the generator does not learn the changes as long as both get them. Source:
Zhao, Liu, Lin, Zhu, Han, “Differentiable Augmentation for Data-Efficient GAN Training” (NeurIPS
2020), whose strengths these are. Here a photo and its fill get the same chances, so that their maps
in the discriminator can be compared.
"""

from __future__ import annotations

import torch
from torch import Tensor

from inpaint_core.contract.choices import Augmentation

CHANCES = "augmentation"
"""The target of a batch that holds its chances."""
CHANCES_COUNT = 7
"""Numbers of chance per sample, each in [0, 1): brightness, saturation, contrast, the shift along y
and x, the middle of the cut-out square along y and x."""

_SHIFT = 1 / 8
"""The furthest shift as a share of the side."""
_CUT = 1 / 2
"""The side of the cut-out square as a share of the picture's."""


def augment(
    pictures: Tensor, chances: Tensor | None, kinds: tuple[Augmentation, ...] = ()
) -> Tensor:
    """``pictures`` (B, 3, H, W) in [-1, 1], changed in these ways by the ``chances``
    (B, `CHANCES_COUNT`, 1, 1); as they are without ``kinds``. What is shifted in or cut out is 0,
    and brightness may leave the range. Raises ValueError for kinds without chances.
    """
    if not kinds:
        return pictures
    given = _read_chances(pictures, chances)
    if "colour" in kinds:
        pictures = pictures + (given[:, 0:1] - 0.5)
        grey = pictures.mean(dim=1, keepdim=True)
        pictures = grey + (pictures - grey) * (2 * given[:, 1:2])
        middle = pictures.mean(dim=(1, 2, 3), keepdim=True)
        pictures = middle + (pictures - middle) * (given[:, 2:3] + 0.5)
    return _move(pictures, given, kinds, 0.0)


def augment_known(
    known: Tensor, chances: Tensor | None, kinds: tuple[Augmentation, ...] = ()
) -> Tensor:
    """Masks (B, 1, H, W), 1 known and 0 hole, as `augment` moves their pictures; what is shifted in
    or cut out is no fill and counts as known.
    """
    return _move(known, _read_chances(known, chances), kinds, 1.0) if kinds else known


def _read_chances(pictures: Tensor, chances: Tensor | None) -> Tensor:
    if chances is None or chances.shape != (len(pictures), CHANCES_COUNT, 1, 1):
        raise ValueError("the batch has no chances for augmentation")
    return chances.to(pictures.device, torch.float32)


def _move(pictures: Tensor, given: Tensor, kinds: tuple[Augmentation, ...], empty: float) -> Tensor:
    """Shift and cut out, as far as that is among the kinds."""
    height, width = pictures.shape[-2:]
    sides = torch.tensor([height, width], device=pictures.device).view(1, 2, 1, 1)
    rows = torch.arange(height, device=pictures.device).view(1, height, 1)
    columns = torch.arange(width, device=pictures.device).view(1, 1, width)
    if "translation" in kinds:
        most = (sides * _SHIFT).round()
        shift = (given[:, 3:5] * (2 * most + 1)).floor() - most
        y, x = (rows - shift[:, 0].long(), columns - shift[:, 1].long())
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        batch = torch.arange(len(pictures), device=pictures.device).view(-1, 1, 1)
        moved = pictures[batch, :, y.clamp(0, height - 1), x.clamp(0, width - 1)]
        pictures = torch.where(inside[:, None], moved.movedim(-1, 1), empty)
    if "cutout" in kinds:
        middle = (given[:, 5:7] * sides).floor()
        reach = (sides * _CUT / 2).round()
        low, high = (middle - reach), (middle + reach)
        cut = (rows >= low[:, 0]) & (rows < high[:, 0])
        cut = cut & (columns >= low[:, 1]) & (columns < high[:, 1])
        pictures = torch.where(cut[:, None], empty, pictures)
    return pictures
