"""The whole network: what it must not see, sizes, variants, precision, and drawn edges."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from tsgl_cases import TINY, TINY_LAMA, batch

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.typed_values import override
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.hooks import record_taps
from inpaint_core.networks.inputs import composite
from inpaint_core.networks.tsgl.ablations import ABLATIONS, STRUCTURE_BY_TEXTURE
from inpaint_core.networks.tsgl.config import (
    CONFIGS,
    STRUCTURE_PRIORS,
    Balance,
    Config,
    TsglConfig,
)
from inpaint_core.networks.tsgl.guidance import compute_halved_residual, compute_residual
from inpaint_core.networks.tsgl.inputs import Inputs
from inpaint_core.networks.tsgl.network import Tsgl, build_network
from inpaint_core.networks.tsgl.taps import list_taps

BOTH = pytest.mark.parametrize("config", [TINY, TINY_LAMA], ids=lambda c: c.id)


def filled(inputs: Inputs, value: float) -> Inputs:
    """The same batch with different content in its hole."""

    def fill(x: Tensor) -> Tensor:
        return torch.where(inputs.known > 0, x, value)

    texture = None if inputs.texture is None else fill(inputs.texture)
    return replace(
        inputs, image=fill(inputs.image), structure=fill(inputs.structure), texture=texture
    )


@BOTH
@pytest.mark.parametrize("value", [0.0, 7.0, float("nan")])
def test_it_does_not_see_what_is_in_the_hole(config: Config, value: float) -> None:
    net = build_network(config).eval()
    inputs = batch(config)
    with torch.no_grad():
        out, other = (net(i, edges=True) for i in (inputs, filled(inputs, value)))
    assert torch.isfinite(out.image).all()
    assert torch.equal(out.image, other.image)
    assert torch.equal(out.edges, other.edges)


@BOTH
def test_it_sees_all_that_is_known(config: Config) -> None:
    net = build_network(config).eval()
    inputs = batch(config)
    with torch.no_grad():
        out = net(inputs).image
        for name in ("image", "structure", "texture"):
            given = getattr(inputs, name)
            if given is not None:
                changed = replace(inputs, **{name: given.flip(-1)})
                assert not torch.equal(net(changed).image, out), name


@BOTH
@pytest.mark.parametrize("size", [(64, 64), (64, 192), (128, 64)])
def test_sizes(config: Config, size: tuple[int, int]) -> None:
    net = build_network(config).train()  # batch norm needs more than one value per channel
    found = net(batch(config, *size, count=2), edges=True)
    assert found.image.shape == (2, 3, *size)
    assert found.edges is not None
    assert found.edges.shape == (2, 1, *size)
    assert found.image.abs().max() <= 1
    assert found.edges.min() >= 0
    assert found.edges.max() <= 1


@BOTH
def test_other_sizes_are_refused(config: Config) -> None:
    with pytest.raises(ValueError, match="multiples of"):
        build_network(config)(batch(config, 72, 64))


@BOTH
def test_every_weight_is_trained(config: Config) -> None:
    net = build_network(config).train()
    out = net(batch(config, 128, 128, count=2), edges=True)
    (out.image.abs().mean() + out.edges.mean()).backward()
    without = [n for n, p in net.named_parameters() if p.grad is None]
    assert without == []
    broken = [n for n, p in net.named_parameters() if not torch.isfinite(p.grad).all()]
    assert broken == []


def test_it_learns_one_picture() -> None:
    net = build_network(replace(TINY, texture_prior="none")).train()
    inputs = batch(replace(TINY, texture_prior="none"), count=2)
    rows = torch.linspace(-1, 1, 64).view(1, 1, 64, 1).expand(2, 3, 64, 64)
    inputs = replace(inputs, image=rows)
    optimiser = torch.optim.Adam(net.parameters(), 2e-3)
    losses = []
    for _ in range(25):
        loss = (net(inputs).image - rows).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


@BOTH
def test_bfloat16_and_channels_last(config: Config) -> None:
    net = build_network(config).eval()
    fold(net)
    inputs = batch(config)
    with torch.no_grad():
        wanted = net(inputs, edges=True)
        net = net.to(torch.bfloat16).to(memory_format=torch.channels_last)
        low = inputs.to(torch.bfloat16).to(memory_format=torch.channels_last)
        found = net(low, edges=True)
        assert low.known.dtype == torch.float32
    assert found.image.dtype == torch.bfloat16
    assert found.edges.dtype == torch.bfloat16
    assert (found.image.float() - wanted.image).abs().max() < 0.1
    assert (found.edges.float() - wanted.edges).abs().max() < 0.1


@BOTH
def test_autocast(config: Config) -> None:
    net = build_network(config).train()
    with torch.autocast("cpu", torch.bfloat16):
        out = net(batch(config, count=2), edges=True)
    out.image.float().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)


@BOTH
def test_a_drawn_edge_counts_as_known(config: Config) -> None:
    net = build_network(config).eval()
    inputs = batch(config)
    edges = torch.zeros_like(inputs.known)
    edges[..., 30, 16:48] = 1  # through the hole
    structure = torch.where(inputs.known > 0, inputs.structure, 0)
    structure[:, :1] = torch.where(edges > 0, 1, structure[:, :1])
    unseen = replace(inputs, structure=structure)
    drawn = replace(unseen, structure_known=inputs.known.maximum(edges))
    lower = drawn.structure.roll(8, 2)
    moved = replace(drawn, structure=lower, structure_known=inputs.known.maximum(edges.roll(8, 2)))
    with torch.no_grad():
        plain, ignored, obeyed, other = (net(i).image for i in (inputs, unseen, drawn, moved))
    assert torch.equal(plain, ignored)
    assert not torch.equal(plain, obeyed)
    assert not torch.equal(obeyed, other)


def test_brightness_under_a_drawn_edge_is_not_known() -> None:
    net = build_network(TINY).eval()
    inputs = batch(TINY)
    drawn = inputs.known.clone()
    drawn[..., 30, 16:48] = 1
    inputs = replace(inputs, structure_known=drawn)
    structure = inputs.structure.clone()
    structure[:, 1, 30, 16:48] += 3
    with torch.no_grad():
        assert torch.equal(net(inputs).image, net(replace(inputs, structure=structure)).image)


def test_composite_keeps_what_is_known() -> None:
    inputs = batch(TINY)
    out = torch.zeros_like(inputs.image)
    found = composite(out, inputs)
    known = inputs.known.expand_as(out) > 0
    assert torch.equal(found[known], inputs.image[known])
    assert not found[~known].any()


def test_the_residual_is_what_halving_lost() -> None:
    current = torch.randn(1, 3, 4, 4)
    detail = torch.randn(1, 3, 8, 8)
    previous = current.repeat_interleave(2, 2).repeat_interleave(2, 3) + detail
    torch.testing.assert_close(compute_residual(previous, current), detail)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 4), (5, 2), (16, 24)])
def test_a_residual_at_half_its_size_needs_only_what_was_before(height: int, width: int) -> None:
    """Equation 6 as it is written, then drawn at the size of the current map."""
    previous, current = torch.randn(2, 3, 2 * height, 2 * width), torch.randn(2, 3, height, width)
    wanted = F.interpolate(
        compute_residual(previous, current),
        size=(height, width),
        mode="bilinear",
        align_corners=True,
    )
    torch.testing.assert_close(compute_halved_residual(previous, current), wanted)


@pytest.mark.parametrize("name", ABLATIONS)
def test_each_row_of_the_ablation_runs(name: str) -> None:
    net = build_network(override(TINY, ABLATIONS[name])).eval()
    with torch.no_grad():
        assert torch.isfinite(net(batch(net.config)).image).all()


def test_structure_rebuilt_from_texture_changes_the_edges_alone() -> None:
    """Table I (b): texture itself is that of the baseline."""
    nets = [build_network(override(TINY, ABLATIONS[n])) for n in (STRUCTURE_BY_TEXTURE, "Baseline")]
    both = [net.eval() for net in nets]
    both[1].load_state_dict(both[0].state_dict(), strict=False)
    inputs = batch(TINY)
    with torch.no_grad():
        inverse, baseline = (net(inputs, edges=True) for net in both)
        other = both[0](replace(inputs, image=-inputs.image), edges=True)
    assert torch.equal(inverse.image, baseline.image)
    assert not torch.equal(inverse.edges, baseline.edges)
    assert not torch.equal(inverse.edges, other.edges)


@pytest.mark.parametrize(
    "config",
    [
        *(replace(TINY, structure_prior=name) for name in STRUCTURE_PRIORS),
        replace(TINY, texture_prior="none"),
        replace(TINY, global_norm="batch"),
        replace(TINY, balance=None),
        replace(TINY, balance=Balance(width=8, fused=16, depth=2, holes=True)),
        replace(TINY, double_from_stage=4),
        replace(TINY, edge_decoder="published"),
    ],
    ids=str,
)
def test_each_switch_runs(config: TsglConfig) -> None:
    net = build_network(config).train()
    out = net(batch(config, 64, 128, count=2), edges=True)
    assert torch.isfinite(out.image).all()
    assert out.edges.shape == (2, 1, 64, 128)


def test_a_smoothed_image_that_is_missing_is_said() -> None:
    with pytest.raises(ValueError, match="needs a smoothed image"):
        build_network(TINY)(replace(batch(TINY), texture=None))


def test_a_fourier_body_for_small_pictures_keeps_its_maps_large() -> None:
    """With three halvings instead of five; every map has the size that its tap declares."""
    config = replace(TINY_LAMA, structure_widths=(4, 8, 8), decoder_widths=(12, 8, 6))
    assert config.multiple == 8
    net = build_network(config).eval()
    with torch.no_grad(), record_taps(net, list_taps(config)) as maps:
        out = net(batch(config, 72, 88), edges=True)
    assert out.image.shape == (1, 3, 72, 88)
    assert out.edges.shape == (1, 1, 72, 88)
    for tap in list_taps(config):
        assert maps[tap.name].shape == (1, tap.channels, 72 // tap.stride, 88 // tap.stride)
    assert max(tap.stride for tap in list_taps(config)) == 8
    with pytest.raises(ValueError, match="multiples of 8"):
        net(batch(config, 68, 72))
    with pytest.raises(BadRequest, match="halves the picture 5 times"):
        replace(TINY_LAMA, decoder_widths=(16, 12, 8))


def test_configurations_have_their_names() -> None:
    assert sorted(CONFIGS) == ["base", "lama", "paper"]
    assert all(config.id == name for name, config in CONFIGS.items())


def test_folded_weights_go_into_a_folded_network() -> None:
    net, other = build_network(TINY), build_network(TINY)
    for one in (net, other):
        fold(one)
    other.load_state_dict(net.state_dict(), strict=True)
    assert isinstance(other, Tsgl)
    inputs = batch(TINY)
    with torch.no_grad():
        assert torch.equal(net(inputs).image, other(inputs).image)
