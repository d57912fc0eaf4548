"""What stands in the place of the balance module in other papers, against sums written out."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F
from tsgl_cases import TINY, batch

from inpaint_core.contract.typed_values import override
from inpaint_core.networks.blocks.attention_transfer import (
    DilatedContext,
    GatedConvolution,
    PyramidTransfer,
    SharedAttention,
    attend_to_known,
    fill_holes,
    shrink_known,
)
from inpaint_core.networks.tsgl.ablations import ABLATIONS
from inpaint_core.networks.tsgl.network import build_network


def with_hole(height: int, width: int) -> torch.Tensor:
    known = torch.ones(1, 1, height, width)
    known[..., 1:3, 1:4] = 0
    return known


def test_attention_is_a_softmax_of_cosines_of_patches_over_known_places() -> None:
    deep, known = torch.randn(1, 3, 4, 5), with_hole(4, 5)
    around = F.pad(deep, (1, 1, 1, 1))[0]
    places = [(y, x) for y in range(4) for x in range(5)]
    patches = [around[:, y : y + 3, x : x + 3].flatten() for y, x in places]
    wanted = torch.zeros(20, 20)
    for i, own in enumerate(patches):
        for j, (y, x) in enumerate(places):
            if known[0, 0, y, x]:
                cosine = float(own @ patches[j] / (own.norm() * patches[j].norm()))
                wanted[i, j] = math.exp(10 * cosine)
    wanted /= wanted.sum(dim=1, keepdim=True)
    torch.testing.assert_close(attend_to_known(deep, known)[0], wanted)


@pytest.mark.parametrize(("rate", "overlap"), [(2, True), (2, False), (4, False), (8, False)])
def test_holes_become_means_of_known_squares(rate: int, overlap: bool) -> None:
    known, shallow = with_hole(4, 5), torch.randn(1, 2, 4 * rate, 5 * rate)
    weights = torch.rand(1, 20, 20).softmax(dim=-1)
    side, padding = (2 * rate, rate // 2) if overlap else (rate, 0)
    around = F.pad(shallow, (padding,) * 4)[0]

    def square(place: int) -> torch.Tensor:
        y, x = (v * rate for v in divmod(place, 5))
        return around[:, y : y + side, x : x + side]

    total, count = torch.zeros_like(around), torch.zeros_like(around)
    for i in range(20):
        y, x = divmod(i, 5)
        mean = sum(weights[0, i, j] * square(j) for j in range(20))
        rows, columns = (slice(v * rate, v * rate + side) for v in (y, x))
        total[:, rows, columns] += square(i) if known[0, 0, y, x] else mean
        count[:, rows, columns] += 1
    inside = (slice(None), slice(padding, padding + 4 * rate), slice(padding, padding + 5 * rate))
    wanted = shallow.clone()
    for i in range(20):
        y, x = divmod(i, 5)
        if not known[0, 0, y, x]:
            at = (..., slice(y * rate, y * rate + rate), slice(x * rate, x * rate + rate))
            wanted[0][at] = (total / count)[inside][at]
    torch.testing.assert_close(fill_holes(shallow, weights, known, overlap=overlap), wanted)


def test_a_place_is_known_by_more_than_half() -> None:
    known = torch.ones(1, 1, 4, 4)
    known[..., :2, :1] = 0  # half of the first place
    known[..., 3, 3] = 0  # a quarter of the last
    assert shrink_known(known, torch.zeros(1, 7, 2, 2)).tolist() == [[[[0.0, 1.0], [1.0, 1.0]]]]


def test_where_nothing_is_known_all_places_count_alike() -> None:
    weights = attend_to_known(torch.randn(2, 3, 2, 2), torch.zeros(2, 1, 2, 2))
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 4))


def test_dilated_convolutions_share_the_channels() -> None:
    net, x = DilatedContext(6), torch.randn(1, 6, 9, 9)
    wanted = [
        F.conv2d(x, conv.weight, conv.bias, padding=rate, dilation=rate)
        for conv, rate in zip(net.convs, (1, 2, 4, 8), strict=True)
    ]
    assert [len(w[0]) for w in wanted] == [2, 2, 1, 1]
    torch.testing.assert_close(net(x), torch.cat(wanted, dim=1).clamp(min=0))


def test_a_gate_of_one_channel() -> None:
    net, x = GatedConvolution(3), torch.randn(1, 3, 5, 5)
    gate = 1 / (1 + torch.exp(-net.gate(x)))
    assert gate.shape[1] == 1
    y = net.conv(x)
    torch.testing.assert_close(net(x), torch.where(y > 0, y, torch.exp(y) - 1) * gate)


def maps(height: int, width: int) -> list[torch.Tensor]:
    return [
        torch.rand(2, c, height // 2**k, width // 2**k)
        for k, c in enumerate(TINY.fusion_widths, start=1)
    ]


def test_pennet_fills_each_map_from_the_filled_one_below() -> None:
    net, given = PyramidTransfer(TINY.fusion_widths), maps(128, 64)
    known = torch.ones(2, 1, 128, 64)
    known[..., 40:90, 10:40] = 0
    out = net(given, known)
    deep = given[5]
    for k in range(4, -1, -1):
        valid = shrink_known(known, deep)
        weights = attend_to_known(deep, valid)
        deep = net.contexts[k](fill_holes(given[k], weights, valid, overlap=True))
        torch.testing.assert_close(out[k], deep)
    assert out[5] is given[5]


def test_hifill_shares_the_scores_of_one_map() -> None:
    net, given = SharedAttention(TINY.fusion_widths), maps(128, 64)
    known = torch.ones(2, 1, 128, 64)
    known[..., 40:90, 10:40] = 0
    out = net(given, known)
    valid = shrink_known(known, given[3])
    weights = attend_to_known(given[3], valid)
    for k in range(3):
        filled = fill_holes(given[k], weights, valid, overlap=False)
        torch.testing.assert_close(out[k], net.gated[k](filled))
        hole = F.interpolate(1 - valid, size=given[k].shape[-2:]) > 0
        assert not torch.equal(filled[hole.expand_as(filled)], given[k][hole.expand_as(filled)])
    assert all(a is b for a, b in zip(out[3:], given[3:], strict=True))


def test_squares_without_overlap_hold_nothing_of_the_hole() -> None:
    net, given = SharedAttention(TINY.fusion_widths), maps(128, 128)
    known = torch.ones(2, 1, 128, 128)
    known[..., :64, :64] = 0
    other = [m.clone() for m in given]
    other[0][..., :32, :32] += 1
    torch.testing.assert_close(net(given, known)[0], net(other, known)[0])


@pytest.mark.parametrize("name", ["PENNet", "HiFill"])
def test_both_learn(name: str) -> None:
    """Two steps of gradient descent reach every weight of the module."""
    torch.manual_seed(0)
    net = build_network(override(TINY, ABLATIONS[name])).train()
    assert isinstance(net.balance, PyramidTransfer | SharedAttention)
    before = {k: v.clone() for k, v in net.balance.named_parameters()}
    optimiser = torch.optim.Adam(net.parameters(), 1e-3)
    inputs = batch(TINY, count=2)
    for _ in range(2):
        optimiser.zero_grad()
        (net(inputs).image - inputs.image).abs().mean().backward()
        optimiser.step()
    after = dict(net.balance.named_parameters())
    assert [k for k in before if torch.equal(before[k], after[k])] == []
