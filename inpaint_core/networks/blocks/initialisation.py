"""Starting values of plain convolutions."""

from __future__ import annotations

from torch import nn
from torch.nn.utils import parametrize

SPREAD = 0.02


def initialise(net: nn.Module) -> None:
    """Draw the weights of every plain convolution from N(0, 0.02), and set its bias to 0.

    Layers with equalised learning rate keep their own start of variance 1: they are no
    `nn.Conv2d`.
    """
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            weight = module.weight
            if parametrize.is_parametrized(module, "weight"):
                weight = module.parametrizations.weight.original  # type: ignore[union-attr, assignment]
            nn.init.normal_(weight, 0.0, SPREAD)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
