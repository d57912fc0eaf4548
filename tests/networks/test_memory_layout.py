"""Concatenation of maps in channels-last order."""

from __future__ import annotations

import pytest
import torch

from inpaint_core.networks.tsgl.decoders import concatenate_maps

LAST = torch.channels_last


@pytest.mark.parametrize("memory", [torch.contiguous_format, LAST])
def test_it_joins_channels_and_parts_gradients(memory: torch.memory_format) -> None:
    maps = [torch.randn(2, c, 6, 5).to(memory_format=memory).requires_grad_() for c in (4, 7, 1)]
    joined = concatenate_maps(maps)
    assert torch.equal(joined, torch.cat(maps, dim=1))
    assert joined.is_contiguous(memory_format=memory)
    slope = torch.randn(2, 12, 6, 5)
    joined.backward(slope)
    for one, part in zip(maps, slope.split((4, 7, 1), dim=1), strict=True):
        assert one.grad is not None
        assert torch.equal(one.grad, part)


def test_gradients_come_in_blocks_of_their_own() -> None:
    seen: list[bool] = []
    source = torch.randn(2, 4, 6, 5, requires_grad=True)
    x = (source * 1).to(memory_format=LAST)
    x.register_hook(lambda grad: seen.append(grad.is_contiguous(memory_format=LAST)))
    mask = torch.ones(2, 1, 6, 5)
    joined = concatenate_maps([x, mask])
    torch.autograd.backward(joined, torch.randn(2, 5, 6, 5).to(memory_format=LAST))
    assert seen == [True]
