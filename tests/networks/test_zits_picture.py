"""ZITS's picture network and what is added to it: sizes, and every block against a plain form."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from torch.nn import functional as F

from inpaint_core.contract.errors import NothingToCopy
from inpaint_core.networks.blocks.cost import count_macs, count_parameters
from inpaint_core.networks.zits.config import PAPER, ZitsConfig
from inpaint_core.networks.zits.position import MaskingPositions, make_waves, measure_positions
from inpaint_core.networks.zits.structure_encoder import (
    DilatedBlock,
    GatedConvolution,
    StructureEncoder,
)
from inpaint_core.networks.zits.texture import PictureNetwork

SMALL = ZitsConfig("small", width=4, blocks=1, encoder_blocks=1)


def test_the_published_sizes() -> None:
    with torch.device("meta"):
        picture, encoder = PictureNetwork(PAPER), StructureEncoder(PAPER)
        positions = MaskingPositions(PAPER.width)
        hole, three = torch.empty(1, 1, 256, 256), torch.empty(1, 3, 256, 256)
        macs = count_macs(lambda: picture(three, hole))
        encoding = count_macs(lambda: encoder(three))
        placing = count_macs(lambda: positions(hole, torch.empty(1, 4, 256, 256)))
    assert count_parameters(picture) == 27_049_795
    assert len(picture.state_dict()) == 519
    # In the published code the encoder holds the waves, as weights that are not learned, the
    # vectors of directions and six alphas.
    waves, alphas = 128 * 64, 6
    assert count_parameters(positions) == 4 * 64 + 2
    assert count_parameters(encoder) + 4 * 64 + waves + alphas == 22_585_734
    assert round(macs / 1e9, 2) == 31.87
    assert round((encoding + placing) / 1e9, 2) == 37.22


SQUARE = np.zeros((256, 256), bool)
SQUARE[96:160, 96:160] = True


def test_positions_in_a_square_hole() -> None:
    """Values that the published code gives."""
    distance, direction = measure_positions(SQUARE)
    assert distance.sum() == 45_760
    assert distance[96, 96] == distance[159, 100] == 1
    assert distance[127, 127] == 32
    wanted = {
        (96, 96): [1, 1, 1, 0], (96, 128): [1, 0, 1, 0], (128, 96): [1, 1, 0, 0],
        (127, 127): [1, 1, 1, 0], (128, 128): [0, 1, 1, 1], (159, 159): [0, 1, 1, 1],
    }  # fmt: skip
    assert {at: direction[at].tolist() for at in wanted} == wanted
    assert direction.sum(axis=(0, 1)).tolist() == [2080] * 4
    assert not distance[~SQUARE].any()
    assert not direction[~SQUARE].any()


def test_positions_at_the_border() -> None:
    hole = np.zeros((256, 256), bool)
    hole[:, 200:] = True
    distance, direction = measure_positions(hole)
    assert distance[10, 255] == 56
    assert direction[10, 255].tolist() == [1, 1, 1, 1]  # the left neighbours are mirrored
    assert direction[10, 200].tolist() == [1, 1, 0, 0]
    with pytest.raises(NothingToCopy):
        measure_positions(np.ones((8, 8), bool))


def test_positions_as_the_known_part_grows() -> None:
    """Against the definition, step by step, for shapes of any kind."""
    for seed in range(3):
        hole = default_rng(seed).random((14, 19)) > (0.02, 0.1, 0.5)[seed]
        hole[0, 3] = False
        known, far, where = ~hole, np.zeros(hole.shape), np.zeros((*hole.shape, 4))
        step = 0
        while not known.all():
            step += 1
            around = np.pad(known, 1, mode="reflect")
            grown = known.copy()
            for y, x in zip(*np.nonzero(~known), strict=True):
                window = around[y : y + 3, x : x + 3]
                bits = [window[:2, :2], window[1:, :2], window[:2, 1:], window[1:, 1:]]
                if window.any():
                    grown[y, x] = True
                    far[y, x], where[y, x] = step, [bit.any() for bit in bits]
            known = grown
        distance, direction = measure_positions(hole)
        np.testing.assert_array_equal(distance, far)
        np.testing.assert_array_equal(direction, where)


def test_long_distances_count_as_the_last() -> None:
    hole = np.ones((4, 300), bool)
    hole[:, 0] = False
    distance, direction = measure_positions(hole)
    assert distance[0, 126:130].tolist() == [126, 127, 127, 127]
    assert direction[1, 290].tolist() == [1, 1, 0, 0]


def test_waves_and_directions() -> None:
    waves = make_waves(128, 64)
    assert waves.shape == (128, 64)
    assert waves[0].tolist() == [0.0] * 32 + [1.0] * 32
    assert float(waves[5, 3]) == pytest.approx(math.sin(5 / 10_000 ** (6 / 64)))
    assert float(waves[77, 32 + 31]) == pytest.approx(math.cos(77 / 10_000 ** (62 / 64)))
    net = MaskingPositions(8)
    distance = torch.tensor([[[[0.0, 7.0]]]])
    direction = torch.tensor([1.0, 0, 0, 1]).view(1, 4, 1, 1) * torch.tensor([0.0, 1.0])
    assert not net(distance, direction).any()  # both alphas begin with 0
    with torch.no_grad():
        net.distance_alpha.fill_(0.5)
        net.direction_alpha.fill_(2.0)
        found = net(distance, direction)[0, :, 0]
        wanted = make_waves(128, 8)[7] / 2 + 2 * (net.directions[0] + net.directions[3])
        torch.testing.assert_close(found[:, 1], wanted)
        torch.testing.assert_close(found[:, 0], make_waves(128, 8)[0] / 2)


def test_a_gate() -> None:
    conv = torch.nn.Conv2d(2, 6, 3, padding=1)
    x = torch.randn(1, 2, 5, 4)
    with torch.no_grad():
        whole = F.conv2d(x, conv.weight, conv.bias, padding=1)
        wanted = whole[:, :3] / (1 + torch.exp(-whole[:, 3:]))
        torch.testing.assert_close(GatedConvolution(conv)(x), wanted)


def test_what_structure_is_encoded_to() -> None:
    net = StructureEncoder(SMALL).eval()
    block = DilatedBlock(4).eval()
    x = torch.randn(1, 4, 9, 9)
    with torch.no_grad():
        y = F.pad(x, (2, 2, 2, 2), mode="reflect")
        y = F.conv2d(y, block.far.weight, block.far.bias, dilation=2)
        y = F.pad(F.relu(block.far_norm(y)), (1, 1, 1, 1), mode="reflect")
        y = block.near_norm(F.conv2d(y, block.near.weight, block.near.bias))
        torch.testing.assert_close(block(x), x + y)
        found = net(torch.rand(1, 3, 32, 64))
    assert [tuple(each.shape[1:]) for each in found] == [
        (4, 32, 64), (8, 16, 32), (16, 8, 16), (32, 4, 8),
    ]  # fmt: skip
    gates = [isinstance(layer.conv, GatedConvolution) for layer in (*net.downs, *net.ups)]
    assert gates == [True, True, False, False, True, True, True]


def test_the_picture_with_and_without_structure() -> None:
    net = PictureNetwork(SMALL).eval()
    picture, hole = torch.rand(1, 3, 32, 32), torch.zeros(1, 1, 32, 32)
    hole[..., 4:20, 8:30] = 1
    position = torch.randn(1, 4, 32, 32)
    maps = [torch.randn(1, 4 << k, 32 >> k, 32 >> k) for k in range(4)]
    with torch.no_grad():
        x = torch.cat([picture * (1 - hole), hole], dim=1)
        x = F.conv2d(F.pad(x, (3, 3, 3, 3), mode="reflect"), net.stem.weight, net.stem.bias)
        x = F.relu(net.norms[0](x + position))
        for k, down in enumerate(net.downs):
            x = F.conv2d(x + maps[k], down.weight, down.bias, stride=2, padding=1)
            x = F.relu(net.norms[k + 1](x))
        x = x + maps[3]
        x = torch.cat(net.blocks[0]((x[:, :8], x[:, 8:])), dim=1)
        for up in net.ups:
            y = F.conv_transpose2d(x, up.conv.weight, up.conv.bias, 2, 1, 1)
            x = F.relu(up.norm(y))
        x = F.pad(x, (3, 3, 3, 3), mode="reflect")
        wanted = torch.tanh(F.conv2d(x, net.last.weight, net.last.bias))
        torch.testing.assert_close(net(picture, hole, position, maps), wanted)
        plain = net(picture, hole)
        assert not torch.allclose(plain, wanted)
        none = [torch.zeros_like(each) for each in maps]
        assert torch.equal(net(picture, hole, torch.zeros_like(position), none), plain)
        hidden = torch.where(hole > 0, 9.0, picture)
        assert torch.equal(net(hidden, hole), plain)
