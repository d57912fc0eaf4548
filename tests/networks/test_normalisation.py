"""Normalisations: plain, conditional and spectral."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from inpaint_core.networks.blocks.convolution_weights import fold, initialise, spectral_conv
from inpaint_core.networks.blocks.cost import count_parameters
from inpaint_core.networks.blocks.normalisation import ConditionalNorm, InstanceNorm, PositionalNorm


def test_instance_norm_is_that_of_torch_and_takes_one_pixel() -> None:
    x = torch.randn(2, 6, 5, 7)
    torch.testing.assert_close(InstanceNorm(6)(x), nn.InstanceNorm2d(6)(x))
    assert not InstanceNorm(6).train()(torch.randn(1, 6, 1, 1)).any()


def test_positional_norm_is_over_channels_with_the_unbiased_variance() -> None:
    x = torch.randn(2, 6, 3, 4, dtype=torch.float64) * 5 + 2
    y = PositionalNorm()(x)
    torch.testing.assert_close(y.mean(dim=1), torch.zeros(2, 3, 4, dtype=torch.float64))
    ones = torch.ones(2, 3, 4, dtype=torch.float64)
    torch.testing.assert_close(y.var(dim=1, correction=1), ones, atol=1e-4, rtol=0)


@pytest.mark.parametrize("channels", [64, 180, 1024])
def test_size_of_a_conditional_norm(channels: int) -> None:
    with torch.device("meta"):
        norm = ConditionalNorm(PositionalNorm(), 180, channels, 128)
    assert count_parameters(norm) == 1152 * channels + 415_208


def test_without_scale_and_offset_it_is_the_plain_norm() -> None:
    norm = ConditionalNorm(InstanceNorm(6), 6, 4, 8)
    x, condition = torch.randn(2, 6, 10, 12), torch.randn(2, 4, 5, 6)
    assert not torch.allclose(norm(x, condition), InstanceNorm(6)(x), atol=1e-3)
    for conv in (norm.gamma, norm.beta):
        nn.init.zeros_(conv.weight)
        nn.init.zeros_(conv.bias)
    torch.testing.assert_close(norm(x, condition), InstanceNorm(6)(x))
    nn.init.ones_(norm.beta.bias)
    torch.testing.assert_close(norm(x, condition), InstanceNorm(6)(x) + 1)


def test_the_condition_says_it_pixel_by_pixel() -> None:
    norm = ConditionalNorm(InstanceNorm(6), 6, 4, 8)
    x, condition = torch.randn(1, 6, 16, 16), torch.randn(1, 4, 16, 16)
    other = condition.clone()
    other[..., 12, 12] += 5
    changed = (norm(x, condition) != norm(x, other)).any(dim=1)[0]
    assert changed[10:15, 10:15].any()
    changed[10:15, 10:15] = False
    assert not changed.any()


def test_spectral_norm_and_its_fold() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(spectral_conv(5, 7, 3), nn.ReLU(), spectral_conv(7, 3, 3, bias=False))
    initialise(net)
    x = torch.randn(2, 5, 8, 8)
    for _ in range(30):
        net(x)
    net.eval()
    largest = torch.linalg.matrix_norm(net[0].weight.detach().flatten(1), 2)
    assert float(largest) == pytest.approx(1, abs=1e-3)
    wanted = net(x)
    fold(net)
    torch.testing.assert_close(net(x), wanted)
    assert set(net.state_dict()) == {"0.weight", "0.bias", "2.weight"}


def test_initialise_leaves_the_equalised_layers_alone() -> None:
    from inpaint_core.networks.blocks.partial_convolution import EqualisedConv2d

    torch.manual_seed(0)
    net = nn.ModuleList(
        [EqualisedConv2d(32, 32), nn.Conv2d(32, 32, 3), nn.ConvTranspose2d(32, 32, 3),
         spectral_conv(32, 32, 3)]
    )  # fmt: skip
    initialise(net)
    equalised, plain, transposed, spectral = net
    assert float(equalised.weight.detach().std()) == pytest.approx(1, abs=0.05)
    original = spectral.parametrizations.weight.original
    for weight in (plain.weight, transposed.weight, original):
        assert float(weight.detach().std()) == pytest.approx(0.02, abs=0.002)
    assert not plain.bias.any()
