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


def discriminator_hinge(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss of the scores: real ones are to be over 1, others below -1."""
    return (F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()) / 2


def generator_hinge(fake: Tensor) -> Tensor:
    """The higher the discriminator's score, the lower the loss."""
    return -fake.float().mean()


def matching(real: list[Tensor], fake: list[Tensor]) -> Tensor:
    """Mean absolute difference of the discriminator's maps (Wang et al., CVPR 2018)."""
    terms = [(f.float() - r.detach().float()).abs().mean() for r, f in zip(real, fake, strict=True)]
    return torch.stack(terms).mean()
