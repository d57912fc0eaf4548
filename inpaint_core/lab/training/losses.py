"""What the networks are trained for."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def reconstruction(found: Tensor, truth: Tensor, known: Tensor, hole: float, rest: float) -> Tensor:
    """Mean absolute error, weighted ``hole`` inside the hole and ``rest`` outside.

    Both are means over all pixels, so a larger hole counts for more (TSGL's published code).
    """
    error = (found.float() - truth).abs()
    return hole * (error * (1 - known)).mean() + rest * (error * known).mean()


def entropy(found: Tensor, truth: Tensor, known: Tensor, hole: float, rest: float) -> Tensor:
    """Cross-entropy of edges (B, 1, H, W) in [0, 1], weighted as `reconstruction` is.

    Edges are few: an edge counts for as many pixels as the square root of what there are others
    for each (the whole ratio, as in Xie and Tu, ICCV 2015, paints uncertain places grey). The mean
    absolute error leaves a hole black until an edge is more likely than none.
    """
    chance = found.float().clamp(1e-4, 1 - 1e-4)
    share = truth.mean().clamp(1e-3, 0.5)
    weight = torch.where(truth > 0.5, ((1 - share) / share).sqrt(), 1.0)
    error = F.binary_cross_entropy(chance, truth, weight, reduction="none")
    return hole * (error * (1 - known)).mean() + rest * (error * known).mean()


def discriminator_hinge(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss of the scores: real ones are to be over 1, others below -1."""
    return (F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()) / 2


def generator_hinge(fake: Tensor) -> Tensor:
    """The higher the discriminator's score, the lower the loss."""
    return -fake.float().mean()


def discriminator_softplus(real: Tensor, fake: Tensor, known: Tensor) -> Tensor:
    """Logistic loss of the scores (B, 1, h, w); what is known of a fake is real, and to be said so.

    A score counts as the hole's where its cell of ``known`` (B, 1, H, W) holds any of it (LaMa,
    Suvorov et al., WACV 2022).
    """
    hole = F.adaptive_max_pool2d(1 - known, (fake.shape[-2], fake.shape[-1]))
    scores = fake.float()
    said = hole * F.softplus(scores) + (1 - hole) * F.softplus(-scores)
    return F.softplus(-real.float()).mean() + said.mean()


def generator_softplus(fake: Tensor) -> Tensor:
    """The non-saturating logistic loss (Goodfellow et al., 2014)."""
    return F.softplus(-fake.float()).mean()


def steepness(scores: Tensor, real: Tensor) -> Tensor:
    """R1: the squared length of the scores' gradient by the ``real`` pictures (B, 3, H, W), which
    must require a gradient, as a mean over the pictures (Mescheder et al., ICML 2018, equation 9,
    without its factor of 1/2, as in LaMa).
    """
    (slope,) = torch.autograd.grad(scores.float().sum(), real, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3)).mean()


def matching(real: list[Tensor], fake: list[Tensor], *, squared: bool = False) -> Tensor:
    """Mean absolute difference of the discriminator's maps (Wang et al., CVPR 2018), or the mean
    of its square (LaMa).
    """
    terms = []
    for r, f in zip(real, fake, strict=True):
        apart = f.float() - r.detach().float()
        terms.append((apart.square() if squared else apart.abs()).mean())
    return torch.stack(terms).mean()
