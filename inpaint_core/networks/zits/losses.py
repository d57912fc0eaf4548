"""The losses of each part of the network, which are trained one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.inputs import Batch, composite
from inpaint_core.networks.losses.adversarial_losses import (
    discriminator_softplus,
    feature_matching,
    generator_softplus,
    gradient_penalty,
)
from inpaint_core.networks.losses.perceptual_losses import papers_maps, squared_distance
from inpaint_core.networks.losses.pixel_losses import reconstruction_loss
from inpaint_core.networks.objective import Objective
from inpaint_core.networks.zits.config import Part, ZitsLosses
from inpaint_core.networks.zits.inputs import ZitsInputs
from inpaint_core.networks.zits.network import Zits, fit_square

COMPARED = 5
"""Maps of the classifier that are compared."""

_MOST_STEPS = 5
_SHIFTS = 1.5, 3.0
_NEAR = 300 / 256
"""Up to so many times the transformer's size, structure is doubled in half of the batches."""


class ZitsObjective(Objective):
    """One part of the network learns, in training mode; the others are as they will be in use.

    Of LaMa's losses the discriminator judges the network's whole picture; a score belongs to the
    hole if the pixel nearest to it does.
    """

    losses: ZitsLosses
    generator: Zits

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        net = self.generator
        net.requires_grad_(False).eval()
        for part in _find_trained(net, self.losses.part):
            if isinstance(part, nn.Module):
                part.train()
            part.requires_grad_(True)
        ways: Mapping[Part, Callable[[Batch, int], dict[str, float]]] = {
            "lama": self._paint,
            "tsr": self._complete,
            "tsr_refined": self._complete,
            "ssu": self._double,
            "ftr": self._paint,
        }
        self._learn = ways[self.losses.part]

    def backward(self, batch: Batch, parts: int) -> dict[str, float]:
        """As `Objective.backward`."""
        return self._learn(batch, parts)

    def show(self, net: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
        """Pictures; of the upsampler lines, of the transformer edges in red and lines in green."""
        assert isinstance(net, Zits)
        inputs, truth = batch.inputs, batch.truth
        if self.losses.part == "lama":
            return composite(net.paint(inputs, None), inputs), truth
        if self.losses.part == "ftr":
            return composite(net(inputs).image, inputs), truth
        if self.losses.part == "ssu":
            found = torch.sigmoid(net.upsampler(batch.targets["half_lines"]))
            return torch.where(inputs.known > 0, truth, found * 2 - 1), truth
        found, wanted = (
            _draw(maps, truth) for maps in (self._guess(net, batch), batch.targets["structure"])
        )
        return torch.where(inputs.known > 0, wanted, found), wanted

    def measure(self, net: nn.Module, batch: Batch) -> Mapping[str, float]:
        """Of the transformer: “edges_f1” and “lines_f1” inside the hole, in per cent."""
        if self.losses.part not in ("tsr", "tsr_refined"):
            return {}
        assert isinstance(net, Zits)
        inside = _read_inputs(batch).structure_known == 0
        found, wanted = self._guess(net, batch) > 0.5, batch.targets["structure"] > 0.5
        return {
            name: 100 * f1_score(found[:, k : k + 1][inside], wanted[:, k : k + 1][inside])
            for k, name in enumerate(("edges_f1", "lines_f1"))
        }

    def _guess(self, net: Zits, batch: Batch) -> Tensor:
        return torch.where(
            _read_inputs(batch).structure_known > 0,
            batch.targets["structure"],
            torch.sigmoid(net.guess(_read_inputs(batch))),
        )

    def _complete(self, batch: Batch, parts: int) -> dict[str, float]:
        with self.autocast():
            logits = self.generator.guess(_read_inputs(batch))
        unknown = 1 - _read_inputs(batch).structure_known
        error = F.binary_cross_entropy_with_logits(
            logits.float(), batch.targets["structure"], reduction="none"
        )
        edges, lines = (error * unknown).mean(dim=(0, 2, 3))
        return self.descend({"edges": edges, "lines": lines}, parts)

    def _double(self, batch: Batch, parts: int) -> dict[str, float]:
        small = batch.targets["half_lines"]
        with self.autocast():
            logits = self.generator.upsampler(small)
            back = self.generator.upsampler.shrink(logits)
        measure = F.binary_cross_entropy_with_logits
        terms = {
            "doubled": measure(logits.float(), batch.targets["lines"]),
            "back": measure(back.float(), small),
        }
        return self.descend(terms, parts)

    def _paint(self, batch: Batch, parts: int) -> dict[str, float]:
        losses, inputs, truth = self.losses, batch.inputs, batch.truth
        with self.autocast():
            structure = self._choose_structure(batch)
            picture = self.generator.paint(inputs, structure).float()
        terms = {
            "reconstruction": reconstruction_loss(
                picture, truth, inputs.known, losses.hole, losses.known
            )
        }
        if self.features is not None and losses.needs_features:
            wanted = [m.detach() for m in papers_maps(self.features, truth, COMPARED)]
            found = papers_maps(self.features, picture, COMPARED)
            terms["perceptual"] = losses.perceptual * squared_distance(found, wanted)
        judged: dict[str, float] = {}
        if losses.needs_discriminator:
            judged = self._judge(batch, picture.detach(), parts)
            terms.update(self._adversarial_losses(batch, picture))
        return {**self.descend(terms, parts), **judged}

    def _choose_structure(self, batch: Batch) -> Tensor | None:
        """Completed structure or the photo's own, made ready as the batch's chances say."""
        net = self.generator
        if self.losses.part == "lama" or net.config.structure == "none":
            return None
        chances = batch.targets["chances"][0].flatten().tolist()
        steps, predicted, skipped, shift, scale = chances
        maps = batch.targets["structure"]
        if predicted < self.losses.predicted:
            maps = net.complete(_read_inputs(batch), 1 + int(steps * _MOST_STEPS))
        size = batch.inputs.image.shape[-2:]
        if size[0] <= _NEAR * maps.shape[-1] and skipped < 0.5:
            return net.choose(fit_square(maps, size[0], "nearest"))
        low, high = _SHIFTS
        shift, scale = (low + (high - low) * chance for chance in (shift, scale))
        return net.enlarge(maps, size[0], shift, scale, least=1)

    def _judge(self, batch: Batch, fake: Tensor, parts: int) -> dict[str, float]:
        """The discriminator's losses; adds their gradients."""
        with self.autocast():
            real, other = (self.judge(batch, shown)[0] for shown in (batch.truth, fake))
        near = F.interpolate(self.judged_known(batch), size=other.shape[-2:], mode="nearest")
        terms = {"discriminator": discriminator_softplus(real, other, near)}
        if self.losses.r1:
            seen = batch.truth.detach().requires_grad_()
            terms["r1"] = self.losses.r1 * gradient_penalty(self.judge(batch, seen)[0], seen)
        return self.descend(terms, parts)

    def _adversarial_losses(self, batch: Batch, fake: Tensor) -> dict[str, Tensor]:
        losses = self.losses
        self.discriminator.requires_grad_(False)
        with self.autocast():
            score, maps = self.judge(batch, fake)
            real = self.judge(batch, batch.truth)[1]
        self.discriminator.requires_grad_(True)
        return {
            "adversarial": losses.adversarial * generator_softplus(score),
            "matching": losses.matching * feature_matching(real, maps, squared=True),
        }


def f1_score(found: Tensor, wanted: Tensor) -> float:
    """The harmonic mean of precision and recall of two masks of one shape; 1 if both are empty."""
    both, either = int((found & wanted).sum()), int(found.sum()) + int(wanted.sum())
    return 2 * both / either if either else 1.0


def _read_inputs(batch: Batch) -> ZitsInputs:
    assert isinstance(batch.inputs, ZitsInputs)
    return batch.inputs


def _find_trained(net: Zits, part: Part) -> tuple[nn.Module | nn.Parameter, ...]:
    if part == "lama":
        return (net.picture,)
    if part == "ssu":
        return (net.upsampler,)
    if part == "ftr":
        return net.picture, net.encoder, net.positions, net.alphas
    return (net.transformer,)


def _draw(maps: Tensor, like: Tensor) -> Tensor:
    """Edges and lines (B, 2, S, S) in [0, 1] as red and green at the size of ``like`` (B, 3, H, W),
    in [-1, 1].
    """
    red_green = F.interpolate(maps, size=like.shape[-2:], mode="nearest") * 2 - 1
    return torch.cat([red_green, torch.full_like(red_green[:, :1], -1)], dim=1)
