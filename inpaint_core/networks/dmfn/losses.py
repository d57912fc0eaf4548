"""The losses of DMFN (section 3.2), with SqueezeNet's maps instead of VGG-19's.

The five compared maps stand for relu1_1 to relu5_1. The published code divides the guidance by its
maximum only, weighs the first two feature losses by 1 + guidance instead of adding both terms, and
uses the horizontal centre of mass twice; here it is as the paper has it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from inpaint_core.networks.dmfn.config import DmfnLosses
from inpaint_core.networks.inputs import Batch, composite
from inpaint_core.networks.losses.adversarial_losses import relativistic_average
from inpaint_core.networks.losses.perceptual_losses import papers_maps
from inpaint_core.networks.objective import Objective

COMPARED = 5
"""Maps of the classifier that are compared."""
GUIDED = 2
"""How many of them are weighted by where the fill is wrong."""
ALIGNED = 3
"""The number, from 0, of the map whose centres of mass are aligned."""

_EPSILON = 1e-7


class DmfnObjective(Objective):
    """The discriminator judges composites, and crops of them as `crop_around_hole` makes them."""

    losses: DmfnLosses

    def backward(self, batch: Batch, parts: int) -> dict[str, float]:
        """As `Objective.backward`."""
        losses, inputs, truth = self.losses, batch.inputs, batch.truth
        with self.autocast():
            out = self.generator(inputs)
        fake = composite(out.image.float(), inputs)
        terms = {"reconstruction": losses.hole * (fake - truth).abs().mean()}
        if self.features is not None and losses.needs_features:
            terms.update(self._compare_features(fake, truth))
        judged: dict[str, float] = {}
        if losses.needs_discriminator:
            judged = self._judge(batch, fake.detach(), parts)
            terms.update(self._adversarial_losses(batch, fake))
        return {**self.descend(terms, parts), **judged}

    def _compare_features(self, fake: Tensor, truth: Tensor) -> dict[str, Tensor]:
        assert self.features is not None
        losses = self.losses
        wanted = [m.detach() for m in papers_maps(self.features, truth, COMPARED)]
        found = papers_maps(self.features, fake, COMPARED)
        terms = {}
        if losses.self_guided:
            guidance = guidance_map(fake.detach(), truth)
            guided = self_guided_distance(found[:GUIDED], wanted[:GUIDED], guidance)
            terms["self_guided"] = losses.self_guided * guided
        if losses.features:
            terms["features"] = losses.features * weighted_distance(found, wanted)
        if losses.alignment:
            apart = alignment_distance(found[ALIGNED], wanted[ALIGNED])
            terms["alignment"] = losses.alignment * apart
        return terms

    def _judge(self, batch: Batch, fake: Tensor, parts: int) -> dict[str, float]:
        """The discriminator's loss; adds its gradient."""
        with self.autocast():
            real, other = (self._judge_both(batch, shown)[0] for shown in (batch.truth, fake))
        return self.descend({"discriminator": relativistic_average(real, other)}, parts)

    def _judge_both(self, batch: Batch, shown: Tensor) -> Any:
        """What the discriminator says of pictures and of what they show around their holes."""
        return self.judge(batch, shown, crop_around_hole(shown, batch.inputs.known))

    def _adversarial_losses(self, batch: Batch, fake: Tensor) -> dict[str, Tensor]:
        losses = self.losses
        self.discriminator.requires_grad_(False)
        with self.autocast():
            real, wanted = self._judge_both(batch, batch.truth)
            score, found = self._judge_both(batch, fake)
        self.discriminator.requires_grad_(True)
        terms = {}
        if losses.adversarial:
            terms["adversarial"] = losses.adversarial * relativistic_average(score, real)
        if losses.matching:
            detached = [m.detach() for m in wanted]
            terms["matching"] = losses.matching * weighted_distance(found, detached)
        return terms


def crop_around_hole(pictures: Tensor, known: Tensor) -> Tensor:
    """For each picture (B, 3, H, W) the square of half its side that is centred on its hole's
    centre of mass as far as the border allows: (B, 3, H/2, W/2).
    """
    height, width = pictures.shape[-2:]
    tall, wide = height // 2, width // 2
    holes = 1 - known[:, 0]
    crops = []
    for picture, hole in zip(pictures, holes, strict=True):
        total = hole.sum().clamp_min(1)
        rows = torch.arange(height, device=hole.device, dtype=hole.dtype)
        columns = torch.arange(width, device=hole.device, dtype=hole.dtype)
        y = int((hole.sum(dim=1) * rows).sum() / total) - tall // 2
        x = int((hole.sum(dim=0) * columns).sum() / total) - wide // 2
        y, x = min(max(y, 0), height - tall), min(max(x, 0), width - wide)
        crops.append(picture[:, y : y + tall, x : x + wide])
    return torch.stack(crops)


def guidance_map(fake: Tensor, truth: Tensor) -> Tensor:
    """Where ``fake`` differs from ``truth``, both (B, 3, H, W): the squared error, mean over red,
    green and blue, from 0 at its minimum to 1 at its maximum in each picture (B, 1, H, W); 0 where
    a picture is right everywhere (equation 2).
    """
    error = (fake - truth).square().mean(dim=1, keepdim=True)
    low, high = error.amin(dim=(2, 3), keepdim=True), error.amax(dim=(2, 3), keepdim=True)
    return (error - low) / (high - low + _EPSILON)


def layer_weight(features: Tensor) -> float:
    """1000 / C² for a map of C channels: deep maps have many and large values."""
    return 1000 / features.shape[1] ** 2


def weighted_distance(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """The sum over the layers of the mean absolute difference times `layer_weight` (equations 5
    and 6).
    """
    return torch.stack(
        [layer_weight(a) * (a.float() - b.float()).abs().mean()
         for a, b in zip(found, wanted, strict=True)]
    ).sum()  # fmt: skip


def self_guided_distance(found: list[Tensor], wanted: list[Tensor], guidance: Tensor) -> Tensor:
    """`weighted_distance` with every difference multiplied by the ``guidance`` (B, 1, H, W),
    averaged to the map's size (equations 3 and 4).
    """
    terms = []
    for a, b in zip(found, wanted, strict=True):
        where = F.adaptive_avg_pool2d(guidance, (a.shape[-2], a.shape[-1]))
        terms.append(layer_weight(a) * (where * (a.float() - b.float()).abs()).mean())
    return torch.stack(terms).sum()


def centres_of_mass(features: Tensor) -> Tensor:
    """The centre (x, y) of each channel of a map (B, C, h, w) that is nowhere negative: (B, C, 2),
    both from -1 at the first row or column to 1 at the last (equation 7).
    """
    weight = features.float() + _EPSILON
    weight = weight / weight.sum(dim=(2, 3), keepdim=True)
    height, width = features.shape[-2:]
    rows = torch.linspace(-1, 1, height, device=features.device)
    columns = torch.linspace(-1, 1, width, device=features.device)
    x = (weight.sum(dim=2) * columns).sum(dim=2)
    y = (weight.sum(dim=3) * rows).sum(dim=2)
    return torch.stack([x, y], dim=2)


def alignment_distance(found: Tensor, wanted: Tensor) -> Tensor:
    """The mean squared distance of the centres of mass of two maps, per coordinate (equation 8)."""
    return (centres_of_mass(found) - centres_of_mass(wanted)).square().mean()
