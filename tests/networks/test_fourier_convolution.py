"""Fourier convolutions, and counts of parameters and products."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.cost import count_macs, count_parameters
from inpaint_core.networks.blocks.fourier_convolution import FourierBlock, SpectralTransform


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (5, 6)])
def test_sides_are_kept(size: tuple[int, int]) -> None:
    local, glob = FourierBlock(4, 12)((torch.randn(2, 4, *size), torch.randn(2, 12, *size)))
    assert local.shape == (2, 4, *size)
    assert glob.shape == (2, 12, *size)


def test_size_of_a_block() -> None:
    with torch.device("meta"):
        assert count_parameters(FourierBlock(64, 192)) == 665_728


def test_every_pixel_sees_every_other() -> None:
    torch.manual_seed(0)
    block = SpectralTransform(8).eval()
    x = torch.randn(1, 8, 16, 16)
    other = x.clone()
    other[..., 0, 0] += 10
    assert ((block(x) - block(other)).abs().sum(dim=1) > 1e-6).float().mean() > 0.95


def test_the_middle_works_on_the_spectrum() -> None:
    """With the identity in the frequency domain and a ReLU that passes everything, the output is
    the input.
    """
    block = SpectralTransform(4).eval()
    nn.init.dirac_(block.frequency.weight)
    nn.init.constant_(block.frequency_norm.bias, 1e3)  # lifts everything over the ReLU ..
    x = torch.rand(1, 2, 6, 7)
    found = block.filter_spectrum(x)
    lift = torch.full((1, 2, 6, 4), 1e3)  # .. and this is what the lift is in space
    lifted = torch.fft.irfft2(torch.complex(lift, lift), s=(6, 7), norm="ortho")
    torch.testing.assert_close(found - lifted, x, atol=2e-3, rtol=0)


def test_half_precision() -> None:
    block = FourierBlock(4, 12).to(torch.bfloat16).eval()
    pair = [torch.randn(1, c, 6, 6, dtype=torch.bfloat16) for c in (4, 12)]
    assert [t.dtype for t in block(pair)] == [torch.bfloat16] * 2


def test_counts_by_hand() -> None:
    conv, up = nn.Conv2d(3, 8, 5, stride=2, padding=2), nn.ConvTranspose2d(8, 4, 4, 2, 1)
    dense = nn.Linear(10, 20)
    assert count_parameters(conv) == 3 * 8 * 25 + 8
    x = torch.randn(2, 3, 16, 16)
    assert count_macs(lambda: conv(x)) == 2 * 64 * 3 * 8 * 25
    assert count_macs(lambda: up(torch.randn(1, 8, 6, 6))) == 36 * 8 * 4 * 16  # at the input's size
    assert count_macs(lambda: dense(torch.randn(7, 10))) == 7 * 200
    assert count_macs(lambda: F.conv2d(x, torch.randn(8, 3, 5, 5))) == 2 * 144 * 3 * 8 * 25
    assert count_macs(lambda: torch.randn(4, 5, 6) @ torch.randn(4, 6, 7)) == 4 * 5 * 6 * 7
