"""All losses of one batch, and their gradients in both networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from inpaint_core.lab.training import losses
from inpaint_core.lab.training.config import TrainConfig
from inpaint_core.lab.training.perceptual_loss import Perceptual
from inpaint_core.lab.training.samples import Batch
from inpaint_core.networks.tsgl.inputs import composite


class Objective:
    """What ``generator`` and ``discriminator`` are trained for by a configuration.

    With the loss "hinge" the discriminator judges composites (TSGL); with "softplus" the generator
    answers for its whole picture, and what is known of a composite counts as real (LaMa).
    """

    def __init__(
        self,
        config: TrainConfig,
        generator: nn.Module,
        discriminator: nn.Module,
        perceptual: Perceptual | None,
        device: str,
    ) -> None:
        self.config, self.perceptual = config, perceptual
        self.generator, self.discriminator = generator, discriminator
        self.kind = device.partition(":")[0]

    def backward(self, batch: Batch, parts: int) -> dict[str, float]:
        """The batch's losses, weighted; their gradients, divided by ``parts``, are added up in the
        networks' weights.
        """
        config, inputs = self.config, batch.inputs
        with self._low():
            out = self.generator(inputs, edges=True)
        fake = composite(out.image.float(), inputs)
        weights = (config.hole, config.known)
        measure = losses.entropy if config.edge_loss == "entropy" else losses.reconstruction
        edges = measure(out.edges, batch.edges, inputs.known, *weights)
        terms = {
            "reconstruction": losses.reconstruction(out.image, batch.truth, inputs.known, *weights),
            "edges": config.edges * edges,
        }
        said: dict[str, Tensor] = {}
        if config.adversarial or config.matching:
            said = self._judge(batch.truth, fake.detach(), inputs.known, parts)
            shown = fake if config.loss == "hinge" else out.image.float()
            terms.update(self._deceive(batch.truth, shown))
        if self.perceptual is not None:
            terms["perceptual"] = config.perceptual * self.perceptual(fake, batch.truth)
        total = torch.stack(list(terms.values())).sum()
        torch.autograd.backward(total / parts)
        return {name: float(value.detach()) for name, value in {**terms, **said}.items()}

    def _judge(self, truth: Tensor, fake: Tensor, known: Tensor, parts: int) -> dict[str, Tensor]:
        """The discriminator's losses, their gradients added to its weights."""
        config = self.config
        with self._low():
            real, other = (self.discriminator(picture)[0] for picture in (truth, fake))
        terms = {
            "discriminator": losses.discriminator_hinge(real, other)
            if config.loss == "hinge"
            else losses.discriminator_softplus(real, other, known)
        }
        if config.r1:
            seen = truth.detach().requires_grad_()
            terms["r1"] = config.r1 * losses.steepness(self.discriminator(seen)[0], seen)
        torch.autograd.backward(torch.stack(list(terms.values())).sum() / parts)
        return terms

    def _deceive(self, truth: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """What the discriminator says of the generator's picture."""
        config = self.config
        hinge = config.loss == "hinge"
        self.discriminator.requires_grad_(False)
        with self._low():
            score, maps = self.discriminator(fake)
            real = self.discriminator(truth)[1] if config.matching else []
        self.discriminator.requires_grad_(True)
        value = losses.generator_hinge(score) if hinge else losses.generator_softplus(score)
        terms = {"adversarial": config.adversarial * value}
        if config.matching:
            terms["matching"] = config.matching * losses.matching(real, maps, squared=not hinge)
        return terms

    def _low(self) -> torch.autocast:
        low = self.config.precision == "bfloat16"
        return torch.autocast(self.kind, torch.bfloat16, enabled=low)
