"""Partial convolution against the paper's equations with a mask of all channels."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from inpaint_core.networks.blocks.partial_convolution import PartialConv2d, known_share


@pytest.mark.parametrize(("kernel", "stride"), [(7, 2), (5, 1), (3, 2)])
def test_equations_1_and_2(kernel: int, stride: int) -> None:
    torch.manual_seed(0)
    layer = PartialConv2d(4, 6, kernel, stride, bias=True)
    torch.nn.init.normal_(layer.bias)
    x = torch.randn(2, 4, 20, 18)
    known = (torch.rand(2, 1, 20, 18) > 0.9).float()
    known[..., :12] = 0

    mask = known.expand(-1, 4, -1, -1)
    count = F.conv2d(mask, torch.ones(1, 4, kernel, kernel), stride=stride, padding=kernel // 2)
    raw = F.conv2d(x * mask, layer.conv.weight, stride=stride, padding=kernel // 2)
    scaled = raw * (4 * kernel * kernel) / count.clamp(min=1) + layer.bias.view(1, -1, 1, 1)
    wanted = torch.where(count > 0, scaled, 0.0)

    y, after = layer(x, known)
    torch.testing.assert_close(y, wanted)
    torch.testing.assert_close(after, (count > 0).float())
    assert 0 < after.mean() < 1
    torch.testing.assert_close(layer(torch.where(known > 0, x, 1e3), known)[0], wanted)


def test_how_one_known_pixel_grows() -> None:
    """The seven levels of the U-Net with partial convolutions, at 256."""
    known = torch.zeros(1, 1, 256, 256)
    known[..., 0, 0] = 1
    shares = []
    for kernel in (7, 5, 5, 3, 3, 3, 3):
        known = (known_share(known, kernel, 2, kernel // 2) > 0).float()
        shares.append(round(float(known.mean()), 3))
    assert known.shape[-1] == 2
    assert shares == pytest.approx([0, 0.001, 0.004, 0.016, 0.062, 0.25, 1.0], abs=6e-4)


def test_nothing_known_is_nothing_said() -> None:
    layer = PartialConv2d(3, 5, 3, bias=True)
    torch.nn.init.ones_(layer.bias)
    y, after = layer(torch.randn(1, 3, 8, 8), torch.zeros(1, 1, 8, 8))
    assert not y.any()
    assert not after.any()


def test_the_mask_is_no_part_of_the_gradient() -> None:
    layer = PartialConv2d(3, 5, 3)
    known = torch.ones(1, 1, 8, 8, requires_grad=True)
    y, after = layer(torch.randn(1, 3, 8, 8), known.detach())
    y.sum().backward()
    assert layer.conv.weight.grad is not None
    assert not after.requires_grad
    assert not known_share(known, 3, 1, 1).requires_grad
