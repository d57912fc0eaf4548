"""Convolutions with spectral normalisation (Miyato et al., ICLR 2018), and how to bake it in."""

from __future__ import annotations

from torch import nn
from torch.nn.utils import parametrizations, parametrize


def spectral_conv(
    inputs: int,
    outputs: int,
    kernel: int,
    stride: int = 1,
    padding: int | None = None,
    *,
    bias: bool = True,
) -> nn.Conv2d:
    """A convolution whose weight matrix has a largest singular value of 1."""
    around = kernel // 2 if padding is None else padding
    conv = nn.Conv2d(inputs, outputs, kernel, stride, around, bias=bias)
    parametrizations.spectral_norm(conv)
    return conv


def normalised(net: nn.Module) -> list[str]:
    """Names of the convolutions whose weight is normalised."""
    return [
        name
        for name, module in net.named_modules()
        if isinstance(module, nn.Conv2d) and parametrize.is_parametrized(module, "weight")
    ]


def unfold(net: nn.Module, names: list[str]) -> None:
    """The inverse of `fold` for the convolutions ``names``: their weights are normalised again."""
    for name in names:
        parametrizations.spectral_norm(net.get_submodule(name))


def fold(net: nn.Module) -> None:
    """Replace every normalised weight of ``net`` by its value, for use without training.

    The outputs in evaluation mode stay the same; nothing is left to compute at each call, and the
    weights have their plain names.
    """
    net.eval()  # in training mode, reading a weight would take one more step towards the norm
    for name in normalised(net):
        parametrize.remove_parametrizations(net.get_submodule(name), "weight")
