"""What the training loop asks of a network's losses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from inpaint_core.contract.choices import Augmentation
from inpaint_core.networks.inputs import Batch, composite
from inpaint_core.networks.losses.differentiable_augmentation import (
    CHANCES,
    augment,
    augment_known,
)
from inpaint_core.networks.losses.perceptual_losses import FeatureMaps


class Objective(ABC):
    """The weighted losses of a ``generator`` and its ``discriminator`` (None: it has none).

    ``losses``: the network's loss settings; ``features``: those of a classifier if a loss needs
    them; ``device``: a torch device's name; ``precision``: "bfloat16" computes the networks under
    autocast. A derived class may freeze parts of the networks when it is made: parameters that need
    no gradient are not trained.
    """

    augment: tuple[Augmentation, ...] = ()
    """How pictures are changed at random before the discriminator judges them. Batches then hold
    the chances that it takes."""

    def __init__(
        self,
        losses: Any,
        generator: nn.Module,
        discriminator: nn.Module | None,
        features: FeatureMaps | None,
        device: str,
        precision: str,
    ) -> None:
        self.losses, self.features = losses, features
        self.generator, self._discriminator = generator, discriminator
        self._kind, self._is_half = device.partition(":")[0], precision == "bfloat16"

    @abstractmethod
    def backward(self, batch: Batch, parts: int) -> dict[str, float]:
        """The batch's weighted losses; their gradients, divided by ``parts``, are added to those of
        the networks' weights.
        """

    def show(self, net: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
        """What ``net``, the running mean of the generator, makes of the batch, and what it should:
        both (B, 3, H, W) in [-1, 1], equal where the photo is known.
        """
        return composite(net(batch.inputs).image, batch.inputs), batch.truth

    def measure(self, net: nn.Module, batch: Batch) -> Mapping[str, float]:
        """Further figures of a validation batch, by name."""
        return {}

    @property
    def discriminator(self) -> nn.Module:
        """The discriminator of a network that has one."""
        assert self._discriminator is not None
        return self._discriminator

    def judge(self, batch: Batch, *pictures: Tensor) -> Any:
        """What the discriminator says of ``pictures`` (B, 3, h, w), one for each of its inputs,
        augmented by the batch's chances: real and filled ones of a batch in the same way.
        """
        seen = (augment(each, batch.targets.get(CHANCES), self.augment) for each in pictures)
        return self.discriminator(*seen)

    def judged_known(self, batch: Batch) -> Tensor:
        """Which pixels of what the discriminator sees are the photo's own: (B, 1, H, W)."""
        return augment_known(batch.inputs.known, batch.targets.get(CHANCES), self.augment)

    def autocast(self) -> torch.autocast:
        """The context in which networks run."""
        return torch.autocast(self._kind, torch.bfloat16, enabled=self._is_half)

    @staticmethod
    def descend(terms: Mapping[str, Tensor], parts: int) -> dict[str, float]:
        """Add the gradients of the sum of ``terms``, divided by ``parts``; returns their values."""
        torch.autograd.backward(torch.stack(list(terms.values())).sum() / parts)
        return {name: float(value.detach()) for name, value in terms.items()}
