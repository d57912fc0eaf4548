"""Equalised learning rate, and resampling without aliases."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from inpaint_core.networks.blocks.partial_convolution import (
    EqualisedConv2d,
    EqualisedLinear,
    PartialEqualisedConv2d,
    blur,
)


def test_weights_start_with_variance_1_and_are_scaled_at_use() -> None:
    torch.manual_seed(0)
    conv, dense = EqualisedConv2d(64, 64), EqualisedLinear(256, 256)
    for layer in (conv, dense):
        assert float(layer.weight.detach().std()) == pytest.approx(1, abs=0.02)
        assert not layer.bias.any()
    x = torch.randn(2, 64, 12, 12)
    wanted = F.leaky_relu(F.conv2d(x, conv.weight / math.sqrt(64 * 9), padding=1), 0.2)
    torch.testing.assert_close(conv(x), wanted * math.sqrt(2))
    # So a layer keeps the size of what goes through it.
    assert float(dense(torch.randn(500, 256)).detach().std()) == pytest.approx(1, abs=0.1)


def test_the_filter() -> None:
    """[1, 3, 3, 1] / 8 along each axis, as one two-dimensional kernel."""
    one = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    x = torch.randn(1, 2, 9, 10)
    wanted = F.conv2d(x, torch.outer(one, one).expand(2, 1, 4, 4), padding=2, groups=2)
    torch.testing.assert_close(blur(x, 2), wanted)


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_down_is_exactly_half(kernel: int) -> None:
    assert EqualisedConv2d(3, 4, kernel, down=True)(torch.randn(1, 3, 16, 24)).shape[2:] == (8, 12)


def test_a_checkerboard_does_not_survive_halving() -> None:
    """A plain convolution with stride 2 takes one colour of it for the whole."""
    layer = EqualisedConv2d(1, 1, 1, down=True)
    torch.nn.init.ones_(layer.weight)
    board = torch.ones(1, 1, 16, 16)
    board[..., ::2, ::2] = board[..., 1::2, 1::2] = -1
    assert float(layer(board).detach()[..., 2:-2, 2:-2].abs().max()) < 1e-6


@pytest.mark.parametrize("down", [False, True])
def test_partial_form(down: bool) -> None:
    torch.manual_seed(0)
    layer = PartialEqualisedConv2d(4, 5, down=down)
    torch.nn.init.normal_(layer.bias)
    x, known = torch.randn(1, 4, 16, 16), (torch.rand(1, 1, 16, 16) > 0.8).float()
    known[..., :6, :6] = 0
    stride = 2 if down else 1
    count = F.conv2d(known, torch.ones(1, 1, 3, 3), stride=stride, padding=1)
    wanted = layer(x) * (9 / (count + 1e-8)) * count.clamp(0, 1)
    y, after = layer.masked(x, known)
    torch.testing.assert_close(y, wanted)
    torch.testing.assert_close(after, count.clamp(0, 1))
