"""Losses by a discriminator's scores (higher for real) and intermediate maps."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def discriminator_hinge(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss of the scores: real ones should exceed 1, fake ones be below -1."""
    return (F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()) / 2


def generator_hinge(fake: Tensor) -> Tensor:
    """The higher the discriminator's score, the lower the loss."""
    return -fake.float().mean()


def discriminator_log(real: Tensor, fake: Tensor) -> Tensor:
    """Logistic loss of the scores: minus the logarithms of the probabilities that real ones are
    called real and fake ones fake (Goodfellow et al., 2014).
    """
    return F.softplus(-real.float()).mean() + F.softplus(fake.float()).mean()


def discriminator_softplus(real: Tensor, fake: Tensor, known: Tensor) -> Tensor:
    """Logistic loss of the scores (B, 1, h, w); the known part of a fake counts as real.

    A score belongs to the hole if its cell of ``known`` (B, 1, H, W) holds any of it (LaMa, Suvorov
    et al., WACV 2022).
    """
    hole = F.adaptive_max_pool2d(1 - known, (fake.shape[-2], fake.shape[-1]))
    scores = fake.float()
    judged = hole * F.softplus(scores) + (1 - hole) * F.softplus(-scores)
    return F.softplus(-real.float()).mean() + judged.mean()


def generator_softplus(fake: Tensor) -> Tensor:
    """The non-saturating logistic loss (Goodfellow et al., 2014)."""
    return F.softplus(-fake.float()).mean()


def relativistic_average(real: Tensor, fake: Tensor) -> Tensor:
    """The loss of whoever wants ``real`` scores above the mean of ``fake`` ones and fake ones below
    the mean of real ones; the generator passes them the other way round.

    Source: Jolicoeur-Martineau, "The relativistic discriminator" (ICLR 2019), relativistic average
    standard GAN, halved.
    """
    real, fake = real.float(), fake.float()
    return (F.softplus(fake.mean() - real).mean() + F.softplus(fake - real.mean()).mean()) / 2


def gradient_penalty(scores: Tensor, real: Tensor) -> Tensor:
    """R1: the mean squared norm of the scores' gradient with respect to the ``real`` pictures
    (B, 3, H, W), which must require a gradient (Mescheder et al., ICML 2018, equation 9, without
    its factor of 1/2, as in LaMa).
    """
    (slope,) = torch.autograd.grad(scores.float().sum(), real, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3)).mean()


def feature_matching(real: list[Tensor], fake: list[Tensor], *, squared: bool = False) -> Tensor:
    """Mean absolute difference of the discriminator's maps (Wang et al., CVPR 2018), or the mean
    of its square (LaMa).
    """
    terms = []
    for r, f in zip(real, fake, strict=True):
        apart = f.float() - r.detach().float()
        terms.append((apart.square() if squared else apart.abs()).mean())
    return torch.stack(terms).mean()
