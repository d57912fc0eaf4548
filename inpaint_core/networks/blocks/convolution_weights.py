"""Weights of plain convolutions: initial values and spectral normalisation.

Source of the latter: Miyato et al., "Spectral normalization for generative adversarial networks"
(ICLR 2018).
"""

from __future__ import annotations

from torch import nn
from torch.nn.utils import parametrizations, parametrize

SPREAD = 0.02
"""Standard deviation of initial weights."""


def initialise(net: nn.Module) -> None:
    """Draw the weights of every plain convolution from N(0, `SPREAD`²) and set its bias to 0.

    Layers with equalised learning rate, which are not `nn.Conv2d`, keep their variance of 1.
    """
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            weight = module.weight
            if parametrize.is_parametrized(module, "weight"):
                weight = module.parametrizations.weight.original  # type: ignore[union-attr, assignment]
            nn.init.normal_(weight, 0.0, SPREAD)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def spectral_conv(
    inputs: int,
    outputs: int,
    kernel: int,
    stride: int = 1,
    padding: int | None = None,
    *,
    bias: bool = True,
) -> nn.Conv2d:
    """A convolution whose weight matrix is normalised to a largest singular value of 1."""
    around = kernel // 2 if padding is None else padding
    conv = nn.Conv2d(inputs, outputs, kernel, stride, around, bias=bias)
    if not conv.weight.is_meta:  # where only shapes count, it would take most of the time
        parametrizations.spectral_norm(conv)
    return conv


def find_normalised(net: nn.Module) -> list[str]:
    """The names of the convolutions whose weight is normalised."""
    return [
        name
        for name, module in net.named_modules()
        if isinstance(module, nn.Conv2d) and parametrize.is_parametrized(module, "weight")
    ]


def fold(net: nn.Module) -> None:
    """Replace every normalised weight of ``net`` by its value, for use without training.

    Outputs in evaluation mode stay the same, nothing is normalised at each call any more, and the
    weights get their plain names.
    """
    net.eval()  # in training mode, reading a weight would run another power iteration
    for name in find_normalised(net):
        parametrize.remove_parametrizations(net.get_submodule(name), "weight")


def unfold(net: nn.Module, names: list[str]) -> None:
    """Undo `fold` for the convolutions ``names``: normalise their weights again."""
    for name in names:
        parametrizations.spectral_norm(net.get_submodule(name))
