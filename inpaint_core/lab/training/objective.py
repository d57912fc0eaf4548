"""The losses, and their gradients in both networks for one batch."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.lab.evaluation.perceptual.backbones import SQUEEZENET_MEAN_BGR, load_squeezenet
from inpaint_core.lab.training.config import TrainConfig
from inpaint_core.lab.training.samples import Batch
from inpaint_core.networks.tsgl.inputs import composite


class Objective:
    """The weighted losses of ``generator`` and ``discriminator`` for a configuration.

    With the loss "hinge" the discriminator judges composites (TSGL); with "softplus" it judges the
    generator's whole picture, and the known part of a composite counts as real (LaMa).
    """

    def __init__(
        self,
        config: TrainConfig,
        generator: nn.Module,
        discriminator: nn.Module,
        perceptual: PerceptualLoss | None,
        device: str,
    ) -> None:
        self.config, self.perceptual = config, perceptual
        self.generator, self.discriminator = generator, discriminator
        self.kind = device.partition(":")[0]

    def backward(self, batch: Batch, parts: int) -> dict[str, float]:
        """The batch's weighted losses; their gradients, divided by ``parts``, are added to those of
        the networks' weights.
        """
        config, inputs = self.config, batch.inputs
        with self._autocast():
            out = self.generator(inputs, edges=True)
        fake = composite(out.image.float(), inputs)
        weights = (config.hole, config.known)
        measure = edge_entropy if config.edge_loss == "entropy" else reconstruction_loss
        edges = measure(out.edges, batch.edges, inputs.known, *weights)
        terms = {
            "reconstruction": reconstruction_loss(out.image, batch.truth, inputs.known, *weights),
            "edges": config.edges * edges,
        }
        judged: dict[str, Tensor] = {}
        if config.adversarial or config.matching:
            judged = self._discriminator_losses(batch.truth, fake.detach(), inputs.known, parts)
            shown = fake if config.loss == "hinge" else out.image.float()
            terms.update(self._adversarial_losses(batch.truth, shown))
        if self.perceptual is not None:
            terms["perceptual"] = config.perceptual * self.perceptual(fake, batch.truth)
        total = torch.stack(list(terms.values())).sum()
        torch.autograd.backward(total / parts)
        return {name: float(value.detach()) for name, value in {**terms, **judged}.items()}

    def _discriminator_losses(
        self, truth: Tensor, fake: Tensor, known: Tensor, parts: int
    ) -> dict[str, Tensor]:
        """The discriminator's losses; adds their gradients."""
        config = self.config
        with self._autocast():
            real, other = (self.discriminator(picture)[0] for picture in (truth, fake))
        terms = {
            "discriminator": discriminator_hinge(real, other)
            if config.loss == "hinge"
            else discriminator_softplus(real, other, known)
        }
        if config.r1:
            seen = truth.detach().requires_grad_()
            terms["r1"] = config.r1 * gradient_penalty(self.discriminator(seen)[0], seen)
        torch.autograd.backward(torch.stack(list(terms.values())).sum() / parts)
        return terms

    def _adversarial_losses(self, truth: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """The generator's losses by the discriminator's scores and maps of its picture."""
        config = self.config
        hinge = config.loss == "hinge"
        self.discriminator.requires_grad_(False)
        with self._autocast():
            score, maps = self.discriminator(fake)
            real = self.discriminator(truth)[1] if config.matching else []
        self.discriminator.requires_grad_(True)
        value = generator_hinge(score) if hinge else generator_softplus(score)
        terms = {"adversarial": config.adversarial * value}
        if config.matching:
            terms["matching"] = config.matching * feature_matching(real, maps, squared=not hinge)
        return terms

    def _autocast(self) -> torch.autocast:
        is_enabled = self.config.precision == "bfloat16"
        return torch.autocast(self.kind, torch.bfloat16, enabled=is_enabled)


def reconstruction_loss(
    found: Tensor, truth: Tensor, known: Tensor, hole: float, rest: float
) -> Tensor:
    """Mean absolute error, weighted ``hole`` inside the hole and ``rest`` outside.

    Both are means over all pixels, so a larger hole counts for more (TSGL's published code).
    """
    error = (found.float() - truth).abs()
    return hole * (error * (1 - known)).mean() + rest * (error * known).mean()


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


def discriminator_hinge(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss of the scores: real ones should exceed 1, fake ones be below -1."""
    return (F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()) / 2


def generator_hinge(fake: Tensor) -> Tensor:
    """The higher the discriminator's score, the lower the loss."""
    return -fake.float().mean()


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


class PerceptualLoss(nn.Module):
    """The distance of two pictures by SqueezeNet 1.1, with a gradient.

    Source: Johnson, Alahi, Fei-Fei, "Perceptual losses for real-time style transfer" (ECCV 2016),
    with the network, layers and unit vectors of the evaluation's feature distance. Raises
    `WeightsUnavailable` when the file is missing or something else.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.network = load_squeezenet(path)
        self.register_buffer("mean", torch.tensor(SQUEEZENET_MEAN_BGR).view(1, 3, 1, 1))

    def forward(self, fill: Tensor, truth: Tensor) -> Tensor:
        """The distance of two pictures (B, 3, H, W) in [-1, 1]: at each layer the mean over the
        pixels of the squared difference of feature vectors of length 1; the layers summed.
        """
        with torch.no_grad():
            wanted = self._unit_maps(truth)
        pairs = zip(self._unit_maps(fill), wanted, strict=True)
        return torch.stack([(a - b).square().sum(dim=1).mean() for a, b in pairs]).sum()

    def _unit_maps(self, picture: Tensor) -> list[Tensor]:
        levels = (picture.float().flip(1) + 1) * 127.5 - self.get_buffer("mean")  # BGR, 8-bit
        return [F.normalize(m, dim=1, eps=1e-6) for m in self.network(levels)]
