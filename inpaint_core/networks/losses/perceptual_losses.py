"""Losses on the feature maps of a classifier, which the training loop loads.

The papers use VGG-16 and VGG-19. Here it is SqueezeNet 1.1, whose file is at hand: its maps after
the first convolution and the fire modules stand for VGG's stages, so weights of losses from the
papers are only a starting point.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

FeatureMaps = Callable[[Tensor], list[Tensor]]
"""Maps (B, C, h, w), shallow to deep, of pictures (B, 3, H, W) in [-1, 1]."""


LEVELS = 57.6
"""The standard deviation of 8-bit photos. The papers' VGG takes pictures divided by it, the file of
SqueezeNet takes them as they are, and networks of ReLU nearly keep a factor of their input. Without
it the style loss of a fresh PConv U-Net outweighs its other losses three thousand times.
"""


def papers_maps(features: FeatureMaps, picture: Tensor, count: int) -> list[Tensor]:
    """The first ``count`` maps of a picture (B, 3, H, W) in [-1, 1], of the size that the papers'
    weights of losses are meant for.
    """
    return [m.float() / LEVELS for m in features(picture)[:count]]


def unit_distance(features: FeatureMaps, fill: Tensor, truth: Tensor) -> Tensor:
    """The distance of two pictures (B, 3, H, W) in [-1, 1]: at each layer the mean over the pixels
    of the squared difference of feature vectors of length 1; the layers summed.

    Source: Johnson, Alahi, Fei-Fei, "Perceptual losses for real-time style transfer" (ECCV 2016),
    with the unit vectors of the evaluation's feature distance.
    """
    with torch.no_grad():
        wanted = _to_unit(features(truth))
    pairs = zip(_to_unit(features(fill)), wanted, strict=True)
    return torch.stack([(a - b).square().sum(dim=1).mean() for a, b in pairs]).sum()


AROUND = 1.5
"""`enlarge_hole` shows a square this many times as wide as the hole."""
MOST_ENLARGED = 4
"""It enlarges at most this many times."""


def enlarge_hole(pictures: Tensor, known: Tensor) -> Tensor:
    """For each picture (B, C, H, W) the square around its hole, `AROUND` times as wide as that as
    far as the border allows, at the picture's own size: what is small in a scene is then as large
    as the things that the classifier was trained on. ``known`` is (B, 1, H, W).
    """
    height, width = pictures.shape[-2:]
    shown = []
    for picture, mask in zip(pictures, known[:, 0], strict=True):
        hole = mask < 0.5
        rows, columns = hole.any(dim=1).nonzero()[:, 0], hole.any(dim=0).nonzero()[:, 0]
        if len(rows) == 0:
            shown.append(picture)
            continue
        (top, bottom), (left, right) = ((int(n.min()), int(n.max()) + 1) for n in (rows, columns))
        share = AROUND * max((bottom - top) / height, (right - left) / width)
        share = min(max(share, 1 / MOST_ENLARGED), 1.0)
        tall, wide = round(share * height), round(share * width)
        y = min(max((top + bottom - tall) // 2, 0), height - tall)
        x = min(max((left + right - wide) // 2, 0), width - wide)
        part = picture[None, :, y : y + tall, x : x + wide]
        shown.append(F.interpolate(part, (height, width), mode="bilinear", align_corners=False)[0])
    return torch.stack(shown)


def map_distance(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """The sum over the layers of the mean absolute difference of two pictures' maps."""
    pairs = zip(found, wanted, strict=True)
    return torch.stack([(a.float() - b.float()).abs().mean() for a, b in pairs]).sum()


def squared_distance(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """The sum over the layers of the mean squared difference of two pictures' maps (LaMa)."""
    pairs = zip(found, wanted, strict=True)
    return torch.stack([(a.float() - b.float()).square().mean() for a, b in pairs]).sum()


def gram_matrix(features: Tensor) -> Tensor:
    """(B, C, h, w) -> (B, C, C): products of channels summed over the pixels, divided by C h w
    (Gatys, Ecker, Bethge, "Image style transfer", CVPR 2016).
    """
    rows = features.float().flatten(2)
    return rows @ rows.transpose(1, 2) / rows[0].numel()


def style_distance(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """`map_distance` of the maps' Gram matrices."""
    return map_distance([gram_matrix(m) for m in found], [gram_matrix(m) for m in wanted])


def _to_unit(maps: list[Tensor]) -> list[Tensor]:
    return [F.normalize(m, dim=1, eps=1e-6) for m in maps]
