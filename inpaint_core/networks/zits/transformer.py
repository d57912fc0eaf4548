"""The structure's transformer (TSR): edges and lines of the whole picture, seen small.

Source: Dong, Cao, Fu (CVPR 2022), sections 3.2 and 3.6, in the layout of their code.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.convolution_weights import SPREAD, initialise
from inpaint_core.networks.zits.attention import AxialBlock, FullBlock
from inpaint_core.networks.zits.config import ZitsConfig

REDUCTION = 8
"""Side of the picture over the side of the grid of tokens."""

_EDGE_LEVEL = 0.25
_LINE_SHIFT, _LINE_SCALE = 0.05, 4.0


class StructureTransformer(nn.Module):
    """Convolutions down to tokens, blocks of attention, convolutions up to two maps."""

    def __init__(self, config: ZitsConfig) -> None:
        super().__init__()
        self.side = config.structure_side
        first, *others = config.structure_widths
        channels, heads, grid = config.embedding, config.heads, config.structure_side // REDUCTION
        self.stem = nn.Conv2d(6, first, 7, padding=3, padding_mode="reflect")
        widths = (first, *others, channels)
        self.downs = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in pairwise(widths))
        self.places = nn.Parameter(torch.zeros(1, grid * grid, channels))

        def is_axial(layer: int) -> bool:
            turn = layer % 2 == 0
            return turn if config.attention == "alternating" else config.attention == "axial"

        self.blocks = nn.ModuleList(
            AxialBlock(channels, heads, grid) if is_axial(k) else FullBlock(channels, heads)
            for k in range(config.layers)
        )
        self.norm = nn.LayerNorm(channels)
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, 2, 1) for a, b in pairwise(reversed(widths))
        )
        self.head = nn.Conv2d(first, 2, 7, padding=3, padding_mode="reflect")
        initialise(self)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0.0, SPREAD)
                nn.init.zeros_(module.bias)
            elif isinstance(module, AxialBlock):
                nn.init.normal_(module.row_bias, 0.0, SPREAD)
                nn.init.normal_(module.column_bias, 0.0, SPREAD)

    def forward(self, picture: Tensor, maps: Tensor, unknown: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, 2, side, side) of edges and lines, and the last tokens (B, C, side / 8,
        side / 8), from a ``picture`` (B, 3, side, side) in [-1, 1] and ``maps`` (B, 2, side, side)
        in [0, 1], none of which is seen where ``unknown`` (B, 1, side, side) is 1.
        """
        seen = torch.cat([picture, maps], dim=1) * (1 - unknown)
        x = F.relu(self.stem(torch.cat([seen, unknown], dim=1)))
        for down in self.downs:
            x = F.relu(down(x))
        tokens = x.flatten(2).transpose(1, 2) + self.places
        for block in self.blocks:
            tokens = block(tokens)
        grid = self.norm(tokens).transpose(1, 2).reshape_as(x)
        x = grid
        for up in self.ups:
            x = F.relu(up(x))
        return self.head(x), grid


def decide(logits: Tensor, maps: Tensor, unknown: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """One step of completing: ``maps`` (B, 2, H, W), with what ``logits`` say where ``unknown``
    (B, 1, H, W) is 1, and what is unknown after the surest ``share`` of those pixels, rounded down
    in each picture, has been accepted; the maps are 0 where it is.

    Edges are decided, 0 or 1, lines stay grey. A pixel is the surer the nearer it is to empty, and
    the surer still the more of an edge or a line it has, from one half on.
    """
    logits = logits.float()
    edge = torch.sigmoid(logits[:, :1])
    line = torch.sigmoid((logits[:, 1:] + _LINE_SHIFT) * _LINE_SCALE)
    edges = (maps[:, :1] + edge * unknown >= _EDGE_LEVEL).to(maps.dtype)
    lines = maps[:, 1:] + (line * unknown).to(maps.dtype)
    sure = torch.maximum(1 - edge, edge + 0.5) + torch.maximum(1 - line, line + 0.5)
    ranking = (sure * unknown).flatten(1).argsort(dim=1, descending=True, stable=True)
    accepted = torch.floor(share * unknown.flatten(1).sum(dim=1, keepdim=True, dtype=torch.float32))
    place = torch.arange(ranking.shape[1], device=ranking.device)
    chosen = (place[None] < accepted).to(unknown.dtype)
    after = unknown * (1 - torch.zeros_like(chosen).scatter(1, ranking, chosen).view_as(unknown))
    return torch.cat([edges, lines], dim=1) * (1 - after), after
