"""ZITS's transformer and upsampler of structure: sizes, and every block against a plain form."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from inpaint_core.networks.blocks.cost import count_macs, count_parameters
from inpaint_core.networks.zits.attention import Attention, AxialBlock, FullBlock
from inpaint_core.networks.zits.config import PAPER, ZitsConfig
from inpaint_core.networks.zits.transformer import StructureTransformer, decide
from inpaint_core.networks.zits.upsampler import StructureUpsampler, sharpen

SMALL = ZitsConfig(
    "small", structure_side=32, structure_widths=(3, 4, 5), embedding=6, heads=2, layers=2,
    upsampler_width=4,
)  # fmt: skip


def test_the_published_sizes() -> None:
    with torch.device("meta"):
        net, doubling = StructureTransformer(PAPER), StructureUpsampler(PAPER)
        views = torch.empty(1, 3, 256, 256), torch.empty(1, 2, 256, 256)
        hole = torch.empty(1, 1, 256, 256)
        macs = count_macs(lambda: net(*views, hole))
        doubled = count_macs(lambda: doubling.shrink(doubling(hole)))
    assert count_parameters(net) == 18_450_434
    assert count_parameters(doubling) == 78_466
    # The published file has 379 tensors, 8 of which are masks of full blocks that nothing uses.
    assert len(net.state_dict()) == 379 - 8
    # The published code finds each relative bias by multiplying it by ones and zeros.
    looked_up = 16 * 8 * 63 * 32 * 32
    assert round((macs + looked_up) / 1e9, 2) == 31.99
    assert round(doubled / 1e9, 2) == 20.35
    assert [type(block) for block in net.blocks] == [AxialBlock, FullBlock] * 8


def test_one_kind_of_attention_only() -> None:
    for attention, kind in (("axial", AxialBlock), ("full", FullBlock)):
        net = StructureTransformer(replace(SMALL, attention=attention, layers=3))
        assert [type(block) for block in net.blocks] == [kind] * 3


def attend(layer: Attention, x: Tensor, bias: list[list[list[float]]] | None) -> Tensor:
    """Attention (N, C) -> (N, C) by its definition, number by number."""
    heads, width = layer.heads, x.shape[1] // layer.heads
    q, k, v = (part(x) for part in (layer.query, layer.key, layer.value))
    out = torch.zeros_like(x)
    for h in range(heads):
        at = slice(h * width, (h + 1) * width)
        for i in range(len(x)):
            scores = [
                float(q[i, at] @ k[j, at]) / math.sqrt(width)
                + (0.0 if bias is None else bias[h][i][j])
                for j in range(len(x))
            ]
            powers = [math.exp(score) for score in scores]
            for j, power in enumerate(powers):
                out[i, at] += power / sum(powers) * v[j, at]
    return layer.project(out)  # type: ignore[no-any-return]


def test_rows_and_columns_with_relative_positions() -> None:
    side = 3
    block = AxialBlock(6, 2, side)
    torch.nn.init.normal_(block.row_bias)
    torch.nn.init.normal_(block.column_bias)
    x = torch.randn(1, side * side, 6)
    with torch.no_grad():
        grid = x[0].view(side, side, 6)
        wanted = grid.clone()

        def spread(table: Tensor) -> list[list[list[float]]]:
            return [
                [[float(row[j - i + side - 1]) for j in range(side)] for i in range(side)]
                for row in table
            ]

        upright, level = block.row_norm(grid), block.column_norm(grid)
        for k in range(side):
            wanted[:, k] += attend(block.rows, upright[:, k], spread(block.row_bias))
            wanted[k] += attend(block.columns, level[k], spread(block.column_bias))
        y = F.layer_norm(wanted, (6,), block.last_norm.weight, block.last_norm.bias, eps=1e-4)
        y = block.widen(y)
        y = block.narrow(y * (1 + torch.erf(y / math.sqrt(2))) / 2)
        torch.testing.assert_close(block(x)[0].view(side, side, 6), wanted + y)


def test_all_tokens_with_each_other() -> None:
    block, x = FullBlock(6, 2), torch.randn(1, 5, 6)
    with torch.no_grad():
        wanted = x[0] + attend(block.attention, block.norm(x)[0], None)
        y = block.widen(block.last_norm(wanted))
        wanted = wanted + block.narrow(y / (1 + torch.exp(-1.702 * y)))
        torch.testing.assert_close(block(x)[0], wanted)


def test_the_way_to_tokens_and_back() -> None:
    net = StructureTransformer(SMALL).eval()
    picture, maps = torch.randn(1, 3, 32, 32), torch.rand(1, 2, 32, 32)
    unknown = torch.zeros(1, 1, 32, 32)
    unknown[..., 8:20, 10:] = 1
    with torch.no_grad():
        x = torch.cat([picture * (1 - unknown), maps * (1 - unknown), unknown], dim=1)
        x = F.pad(x, (3, 3, 3, 3), mode="reflect")
        x = F.relu(F.conv2d(x, net.stem.weight, net.stem.bias))
        for down in net.downs:
            x = F.relu(F.conv2d(x, down.weight, down.bias, stride=2, padding=1))
        assert x.shape == (1, 6, 4, 4)
        tokens = x.view(1, 6, 16).transpose(1, 2) + net.places
        for block in net.blocks:
            tokens = block(tokens)
        grid = net.norm(tokens).transpose(1, 2).view(1, 6, 4, 4)
        x = grid
        for up in net.ups:
            x = F.relu(F.conv_transpose2d(x, up.weight, up.bias, stride=2, padding=1))
        x = F.pad(x, (3, 3, 3, 3), mode="reflect")
        logits, found = net(picture, maps, unknown)
        torch.testing.assert_close(logits, F.conv2d(x, net.head.weight, net.head.bias))
        torch.testing.assert_close(found, grid)
        hidden = torch.where(unknown > 0, 9.0, picture), torch.where(unknown > 0, 1 - maps, maps)
        assert torch.equal(net(*hidden, unknown)[0], logits)


def test_a_step_by_hand() -> None:
    """Five unknown pixels, of which the surest two are accepted; known ones stay."""
    chances = torch.tensor([0.1, 0.3, 0.5, 0.02, 0.9, 0.4])
    edge = torch.logit(chances).view(1, 1, 1, 6)
    line = (torch.logit(torch.full((6,), 0.2)) / 4 - 0.05).view(1, 1, 1, 6)
    unknown = torch.tensor([1.0, 1, 1, 1, 1, 0]).view(1, 1, 1, 6)
    maps = torch.zeros(1, 2, 1, 6)
    maps[0, :, 0, 5] = torch.tensor([1.0, 0.75])
    after, left = decide(torch.cat([edge, line], dim=1), maps, unknown, 0.5)
    # Surest: 0.9 + 0.5 = 1.4, then 0.5 + 0.5 = 1 and 1 - 0.02 = 0.98; half of five is two.
    assert left.flatten().tolist() == [1, 1, 0, 1, 0, 0]
    assert after[0, 0, 0].tolist() == [0, 0, 1, 0, 1, 1]
    assert after[0, 1, 0].tolist() == pytest.approx([0, 0, 0.2, 0, 0.2, 0.75], abs=1e-6)
    whole, none = decide(torch.cat([edge, line], dim=1), maps, unknown, 1.0)
    assert not none.any()
    assert whole[0, 0, 0].tolist() == [0, 1, 1, 0, 1, 1]  # from 0.25 on


def test_the_share_is_of_each_picture() -> None:
    unknown = torch.zeros(2, 1, 4, 4)
    unknown[0, 0, :2] = 1
    unknown[1, 0, 0, :3] = 1
    logits = torch.randn(2, 2, 4, 4)
    _, left = decide(logits, torch.zeros(2, 2, 4, 4), unknown, 0.4)
    assert left.sum(dim=(1, 2, 3)).tolist() == [8 - 3, 3 - 1]
    assert (left <= unknown).all()


def test_doubling_a_map() -> None:
    net = StructureUpsampler(SMALL).eval()
    maps = torch.rand(2, 1, 6, 8)
    with torch.no_grad():
        x = F.interpolate(maps, size=(12, 16), mode="bilinear")
        x = F.pad(x, (3, 3, 3, 3), mode="reflect")
        x = F.relu(F.conv2d(x, net.convs[0].weight, net.convs[0].bias))
        for conv in net.convs[1:]:
            x = F.relu(F.conv2d(x, conv.weight, conv.bias, padding=1))
        wanted = F.conv2d(x, net.last.weight, net.last.bias, padding=1)
        torch.testing.assert_close(net(maps), wanted)
        y = F.relu(F.conv2d(wanted, net.back[0].weight, net.back[0].bias, stride=2, padding=1))
        back = F.conv2d(y, net.back[1].weight, net.back[1].bias, padding=1)
        torch.testing.assert_close(net.shrink(wanted), back)
        assert back.shape == maps.shape
    assert net(torch.rand(1, 1, 5, 7)).shape == (1, 1, 10, 14)
    assert float(sharpen(torch.tensor(-1.5))) == pytest.approx(1 / (1 + math.exp(-1)))
    assert float(sharpen(torch.tensor(0.0), 3.0, 1.5)) == pytest.approx(1 / (1 + math.exp(-4.5)))
