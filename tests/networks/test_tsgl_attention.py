"""Masked attention in shifted windows."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F
from tsgl_cases import TINY

from inpaint_core.networks.tsgl.config import BASE, TauForm
from inpaint_core.networks.tsgl.encoders import (
    MaskedAttention,
    TextureStage,
    find_neighbours,
    join_windows,
    split_windows,
)


def test_windows_there_and_back() -> None:
    x = torch.randn(2, 16, 24, 3)
    cut = split_windows(x, 8)
    assert cut.shape == (12, 64, 3)
    torch.testing.assert_close(cut[1], x[0, :8, 8:16].reshape(64, 3))
    torch.testing.assert_close(join_windows(cut, 8, 16, 24), x)


def test_a_block_by_hand() -> None:
    block = MaskedAttention(8, 2, 4, 0, 100.0)
    x, known = torch.randn(1, 4, 4, 8), (torch.rand(1, 4, 4, 1) > 0.5).float()
    token = x.view(16, 8)
    unit = token / token.norm(dim=1, keepdim=True)
    parts = []
    for head in (slice(0, 4), slice(4, 8)):
        q, k, v = block.query(unit)[:, head], block.key(unit)[:, head], block.value(token)[:, head]
        score = q @ k.T / math.sqrt(4) - 100 * (1 - known.view(1, 16))
        parts.append(score.softmax(dim=1) @ v)
    attended = block.project(torch.cat(parts, dim=1))
    wanted = block.contract(block.expand(block.fuse(torch.cat([token, attended], dim=1))))
    y, after = block(x, known)
    torch.testing.assert_close(y.view(16, 8), wanted)
    assert after.all()


def test_an_unknown_token_weighs_nothing() -> None:
    """exp(-100): its content does not change the others, however large it is."""
    block = MaskedAttention(8, 2, 4, 0, 100.0)
    x, known = torch.randn(1, 4, 4, 8), torch.ones(1, 4, 4, 1)
    known[0, 1, 2] = 0
    other = x.clone()
    other[0, 1, 2] = 1e6 * torch.randn(8)
    changed = (block(x, known)[0] != block(other, known)[0]).any(dim=-1)[0]
    assert changed.sum() == 1
    assert changed[1, 2]
    near = MaskedAttention(8, 2, 4, 0, 0.0)  # without tau they all look at it
    near.load_state_dict(block.state_dict())
    assert (near(x, known)[0] != near(other, known)[0]).any(dim=-1).all()


def test_tau_inside_the_scaling() -> None:
    """Equation 4 as it is printed: the score less tau for an unknown token, divided by sqrt(d)."""
    config = replace(BASE, tau=50.0, tau_form="inside")
    block = TextureStage(config, 1).blocks[0]
    assert block.penalty == pytest.approx(50 / math.sqrt(18))  # four heads of 72 channels
    assert TextureStage(BASE, 1).blocks[0].penalty == 100.0

    def fill(tau: float, form: TauForm) -> torch.Tensor:
        torch.manual_seed(0)
        stage = TextureStage(replace(BASE, tau=tau, tau_form=form), 1)
        known = torch.ones(1, 1, 32, 32)
        known[..., 8:24, 8:20] = 0
        with torch.no_grad():
            return stage(torch.randn(1, 72, 32, 32), known)[0]

    assert torch.equal(fill(150.0, "after"), fill(200.0, "after"))
    assert not torch.equal(fill(50.0, "inside"), fill(0.0, "inside"))
    assert not torch.equal(fill(50.0, "inside"), fill(100.0, "inside"))


@pytest.mark.parametrize("shift", [0, 4])
def test_a_window_without_anything_known_stays_unknown(shift: int) -> None:
    block = MaskedAttention(8, 2, 8, shift, 100.0)
    known = torch.zeros(1, 24, 24, 1)
    known[0, 9, 10] = 1
    wanted = torch.zeros(24, 24)
    start = 8 - shift
    wanted[start : start + 8, start : start + 8] = 1
    if shift:  # row 9, column 10 lies in the window that starts at 4
        assert start == 4
    _, after = block(torch.randn(1, 24, 24, 8), known)
    torch.testing.assert_close(after[0, ..., 0], wanted)


def test_opposite_borders_do_not_meet() -> None:
    """A shifted window holds both, but a corner neither sees the other nor makes it known."""
    block = MaskedAttention(8, 2, 4, 2, 100.0)
    x, known = torch.randn(1, 8, 8, 8), torch.zeros(1, 8, 8, 1)
    known[0, 0, 0] = known[0, 4, 4] = 1
    _, after = block(x, known)
    assert after[0, :2, :2].all()
    assert not after[0, -2:, -2:].any()
    other = x.clone()
    other[0, 0, 0] += 5
    changed = (block(x, known)[0] != block(other, known)[0]).any(dim=-1)[0]
    assert changed[:2, :2].all()
    changed[:2, :2] = False
    assert not changed.any()
    assert find_neighbours(8, 8, 4, 2, torch.device("cpu"))[-1].sum(dim=1).unique().tolist() == [4]


def test_a_map_of_one_window_is_not_shifted() -> None:
    plain, shifted = MaskedAttention(8, 2, 4, 0, 100.0), MaskedAttention(8, 2, 4, 2, 100.0)
    shifted.load_state_dict(plain.state_dict())
    x, known = torch.randn(1, 4, 4, 8), torch.ones(1, 4, 4, 1)
    torch.testing.assert_close(plain(x, known)[0], shifted(x, known)[0])


def test_padding_to_whole_windows_is_not_seen() -> None:
    stage = TextureStage(TINY, 2)
    x = torch.randn(1, 16, 24, 40)  # 12 x 20 after halving: padded to 16 x 24
    plain, _ = stage(x, None)
    assert plain.shape == (1, 16, 12, 20)
    whole, known = stage(x, torch.ones(1, 1, 24, 40))
    assert known is not None
    assert known.all()
    # Away from the border, where the partial convolutions scale what lies outside away.
    inner = (..., slice(3, -3), slice(3, -3))
    stage.blocks = torch.nn.ModuleList()
    torch.testing.assert_close(
        stage(x, None)[0][inner], stage(x, torch.ones(1, 1, 24, 40))[0][inner]
    )
    assert torch.isfinite(whole).all()


def test_the_size_of_a_token_does_not_decide_who_is_looked_at() -> None:
    block = MaskedAttention(8, 1, 4, 0, 100.0)
    x, known = torch.randn(1, 4, 4, 8), torch.ones(1, 4, 4, 1)
    unit = F.normalize(x.view(16, 8), dim=1)
    scores = block.query(unit) @ block.key(unit).T
    unit = F.normalize((1000 * x).view(16, 8), dim=1)
    torch.testing.assert_close(block.query(unit) @ block.key(unit).T, scores)
    assert torch.isfinite(block(torch.zeros_like(x), known)[0]).all()
