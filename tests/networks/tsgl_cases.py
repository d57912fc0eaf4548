"""Small networks and inputs for tests."""

from __future__ import annotations

from dataclasses import replace

import torch

from inpaint_core.networks.tsgl.config import BASE, STRUCTURE_PRIORS, Balance, Config, LamaConfig
from inpaint_core.networks.tsgl.inputs import Inputs

TINY = replace(
    BASE,
    id="tiny",
    texture_prior="l0",
    structure_widths=(4, 6, 8, 10, 12),
    width=16,
    depths=(2, 1, 2, 2),
    hidden=6,
    fusion_widths=(4, 6, 8, 16, 16, 16),
    balance=Balance(width=8, fused=16, depth=2),
    decoder_widths=(16, 12, 8, 8, 6),
)
TINY_LAMA = LamaConfig(
    id="tiny-lama",
    structure_widths=(4, 8, 8, 8, 8),
    width=16,
    blocks=2,
    hidden=6,
    decoder_widths=(16, 12, 8, 8, 6),
)


def batch(
    config: Config, height: int = 64, width: int = 64, *, count: int = 1, device: str = "cpu"
) -> Inputs:
    """Noise with a rectangular hole."""
    channels = STRUCTURE_PRIORS[config.structure_prior].channels
    draw = torch.Generator().manual_seed(0)

    def noise(c: int) -> torch.Tensor:
        if device == "meta":
            return torch.empty(count, c, height, width, device="meta")
        return torch.rand(count, c, height, width, generator=draw)

    known = torch.ones(count, 1, height, width, device=device)
    known[..., height // 4 : -height // 4, width // 4 : -width // 4] = 0
    texture = None if config.texture_prior == "none" else noise(3) * 2 - 1
    return Inputs(noise(3) * 2 - 1, known, noise(channels), known, texture)
