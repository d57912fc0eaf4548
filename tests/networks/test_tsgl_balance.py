"""The cross-layer balance module and its equalisation, against sums written out."""

from __future__ import annotations

import math

import pytest
import torch
from tsgl_cases import TINY

from inpaint_core.networks.tsgl.balance import (
    SIGMA,
    BalanceModule,
    ChannelGate,
    Equalisation,
    average_by_likeness,
    average_spatially,
)
from inpaint_core.networks.tsgl.config import Balance


def test_spatial_term_is_the_sum_over_the_whole_map() -> None:
    x = torch.randn(1, 3, 7, 9)
    places = [(i, j) for i in range(7) for j in range(9)]
    weight = torch.tensor(
        [[math.exp(-(math.dist(p, q) ** 2) / (2 * SIGMA**2)) for q in places] for p in places]
    )
    weight /= weight.sum(dim=1, keepdim=True)
    wanted = (x.view(3, 63) @ weight.T).view(1, 3, 7, 9)
    torch.testing.assert_close(average_spatially(x), wanted)


def test_range_term_is_a_softmax_over_nine_neighbours() -> None:
    x = torch.randn(2, 4, 5, 6)
    wanted = torch.zeros_like(x)
    own = torch.sigmoid(x)
    for b in range(2):
        for i in range(5):
            for j in range(6):
                values, scores = [], []
                for r in range(i - 1, i + 2):
                    for c in range(j - 1, j + 2):
                        inside = 0 <= r < 5 and 0 <= c < 6
                        values.append(x[b, :, r, c] if inside else torch.zeros(4))
                        there = own[b, :, r, c] if inside else torch.zeros(4)
                        scores.append((own[b, :, i, j] * there).mean())
                weights = torch.stack(scores).softmax(dim=0)
                wanted[b, :, i, j] = (torch.stack(values) * weights[:, None]).sum(dim=0)
    torch.testing.assert_close(average_by_likeness(x), wanted)


def test_layout_is_kept() -> None:
    """A map of constant channels comes back constant: no channel became a place."""
    x = torch.arange(4.0).view(1, 4, 1, 1).expand(1, 4, 8, 8).contiguous()
    torch.testing.assert_close(average_spatially(x), x)
    torch.testing.assert_close(average_by_likeness(x)[..., 1:-1, 1:-1], x[..., 1:-1, 1:-1])


def test_the_gate_scales_channels() -> None:
    gate = ChannelGate(32)
    x = torch.rand(1, 32, 6, 6) + 0.1
    ratio = gate(x) / x
    assert (ratio.amax(dim=(2, 3)) - ratio.amin(dim=(2, 3))).max() < 1e-5
    assert ratio.min() > 0
    assert ratio.max() < 1


def maps(height: int, width: int) -> list[torch.Tensor]:
    return [
        torch.rand(1, c, height // 2**k, width // 2**k)
        for k, c in enumerate(TINY.fusion_widths, start=1)
    ]


@pytest.mark.parametrize("size", [(64, 64), (128, 192)])
def test_it_adds_to_each_map(size: tuple[int, int]) -> None:
    module = BalanceModule(Balance(width=8, fused=16, depth=2), TINY.fusion_widths)
    given = maps(*size)
    out = module(given, torch.ones(1, 1, *size))
    assert [o.shape for o in out] == [g.shape for g in given]
    for k, (o, g) in enumerate(zip(out, given, strict=True)):
        if g.shape[-1] * g.shape[-2] > 1:  # instance norm leaves nothing of a single pixel
            assert not torch.equal(o, g), k


def test_every_map_hears_of_every_other() -> None:
    module = BalanceModule(Balance(width=8, fused=16, depth=2), TINY.fusion_widths)
    given = maps(128, 128)
    known = torch.ones(1, 1, 128, 128)
    before = module(given, known)
    for k in range(6):
        other = list(given)
        other[k] = torch.rand_like(given[k])
        after = module(other, known)
        assert all(not torch.equal(after[j], before[j]) for j in range(6) if j != k)


def test_holes_are_seen_where_asked_for() -> None:
    given = maps(64, 64)
    known = torch.ones(1, 1, 64, 64)
    hole = known.clone()
    hole[..., :32, :32] = 0
    for holes in (False, True):
        module = BalanceModule(Balance(width=8, fused=16, depth=2, holes=holes), TINY.fusion_widths)
        same = torch.equal(module(given, known)[0], module(given, hole)[0])
        assert same is not holes


def test_its_last_three_maps_must_be_alike() -> None:
    with pytest.raises(ValueError, match="equal widths"):
        BalanceModule(Balance(width=8, fused=16), (4, 6, 8, 16, 16, 12))


def test_equalisation_keeps_the_shape() -> None:
    assert Equalisation(16)(torch.randn(2, 16, 5, 9)).shape == (2, 16, 5, 9)
