"""The losses of TSGL, and their gradients in both networks for one batch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from inpaint_core.networks.inputs import Batch, composite
from inpaint_core.networks.losses.adversarial_losses import (
    discriminator_hinge,
    discriminator_log,
    discriminator_softplus,
    feature_matching,
    generator_hinge,
    generator_softplus,
    gradient_penalty,
)
from inpaint_core.networks.losses.perceptual_losses import enlarge_hole, unit_distance
from inpaint_core.networks.losses.pixel_losses import reconstruction_loss
from inpaint_core.networks.objective import Objective
from inpaint_core.networks.tsgl.config import TsglLosses


class TsglObjective(Objective):
    """With the losses "hinge" and "paper" the discriminator judges composites (TSGL); with
    "softplus" it judges the generator's whole picture, and the known part of a composite counts as
    real (LaMa).
    """

    losses: TsglLosses

    def backward(self, batch: Batch, parts: int) -> dict[str, float]:
        """As `Objective.backward`; the target "edges" of the batch is the truth's edges."""
        losses, inputs = self.losses, batch.inputs
        with self.autocast():
            out = self.generator(inputs, edges=True)
        fake = composite(out.image.float(), inputs)
        weights = (losses.hole_weight, losses.known)
        measure = edge_entropy if losses.edge_loss == "entropy" else reconstruction_loss
        edges = measure(out.edges, batch.targets["edges"], inputs.known, *weights)
        error = reconstruction_loss(out.image, batch.truth, inputs.known, *weights)
        terms = {"reconstruction": losses.picture * error, "edges": losses.edges * edges}
        judged: dict[str, float] = {}
        if losses.adversarial or losses.matching:
            judged = self._judge(batch, fake.detach(), parts)
            shown = out.image.float() if losses.loss == "softplus" else fake
            terms.update(self._adversarial_losses(batch, shown))
        if self.features is not None and losses.perceptual:
            shown, wanted = fake, batch.truth
            if losses.perceptual_at == "hole":
                shown, wanted = (enlarge_hole(each, inputs.known) for each in (fake, batch.truth))
            terms["perceptual"] = losses.perceptual * unit_distance(self.features, shown, wanted)
        return {**self.descend(terms, parts), **judged}

    def _judge(self, batch: Batch, fake: Tensor, parts: int) -> dict[str, float]:
        """The discriminator's losses; adds their gradients."""
        losses, truth = self.losses, batch.truth
        with self.autocast():
            real, other = (self.judge(batch, picture)[0] for picture in (truth, fake))
        terms = {
            "discriminator": discriminator_hinge(real, other)
            if losses.loss == "hinge"
            else discriminator_softplus(real, other, self.judged_known(batch))
            if losses.loss == "softplus"
            else discriminator_log(real, other)
        }
        if losses.r1:
            seen = truth.detach().requires_grad_()
            terms["r1"] = losses.r1 * gradient_penalty(self.judge(batch, seen)[0], seen)
        return self.descend(terms, parts)

    def _adversarial_losses(self, batch: Batch, fake: Tensor) -> dict[str, Tensor]:
        """The generator's losses by the discriminator's scores and maps of its picture."""
        losses = self.losses
        squared = losses.loss == "softplus"
        self.discriminator.requires_grad_(False)
        with self.autocast():
            score, maps = self.judge(batch, fake)
            real = self.judge(batch, batch.truth)[1] if losses.matching else []
        self.discriminator.requires_grad_(True)
        value = generator_hinge(score) if losses.loss == "hinge" else generator_softplus(score)
        terms = {"adversarial": losses.adversarial * value}
        if losses.matching:
            terms["matching"] = losses.matching * feature_matching(real, maps, squared=squared)
        return terms


def edge_entropy(found: Tensor, truth: Tensor, known: Tensor, hole: float, rest: float) -> Tensor:
    """Cross-entropy of edges (B, 1, H, W) in [0, 1], weighted like `reconstruction_loss`.

    As edges are few, an edge pixel weighs as much as the square root of the ratio of other pixels
    to edges (the full ratio, as in Xie and Tu, ICCV 2015, paints uncertain places grey). The mean
    absolute error leaves a hole black until an edge is more likely than none.
    """
    chance = found.float().clamp(1e-4, 1 - 1e-4)
    share = truth.mean().clamp(1e-3, 0.5)
    weight = torch.where(truth > 0.5, ((1 - share) / share).sqrt(), 1.0)
    error = F.binary_cross_entropy(chance, truth, weight, reduction="none")
    return hole * (error * (1 - known)).mean() + rest * (error * known).mean()
