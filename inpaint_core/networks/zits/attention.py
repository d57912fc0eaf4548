"""Blocks of the structure's transformer: attention along rows and columns, and among all tokens.

Source: Dong, Cao, Fu (CVPR 2022), section 3.2, in the layout of their code.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_AXIAL_EPSILON = 1e-4


class Attention(nn.Module):
    """Scaled products of queries and keys of several heads, as weights of values."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.project = (
            nn.Linear(channels, channels) for _ in range(4)
        )

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """``x`` (B, N, C) -> the same. ``bias`` (heads, N, N) is added to the scores of each query
        (second axis) and key (third).
        """
        batch, count, channels = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(batch, count, self.heads, -1).transpose(1, 2)

        query, key, value = (split(layer(x)) for layer in (self.query, self.key, self.value))
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return self.project(seen.transpose(1, 2).reshape(batch, count, channels))  # type: ignore[no-any-return]


class AxialBlock(nn.Module):
    """``x + rows + columns``, then a two-layer perceptron; both attentions see the same x.

    Each has a learned bias per head and relative position, which goes from -(side - 1) to side - 1.
    """

    def __init__(self, channels: int, heads: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.row_norm, self.column_norm, self.last_norm = (
            nn.LayerNorm(channels, _AXIAL_EPSILON) for _ in range(3)
        )
        self.rows, self.columns = (Attention(channels, heads) for _ in range(2))
        self.row_bias, self.column_bias = (
            nn.Parameter(torch.zeros(heads, 2 * side - 1)) for _ in range(2)
        )
        self.widen = nn.Linear(channels, 4 * channels)
        self.narrow = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, side², C), row by row -> the same."""
        batch, _, channels = x.shape
        side = self.side
        grid = x.view(batch, side, side, channels)
        # “Rows” are compared with each other within a column, “columns” within a row.
        upright = self.row_norm(grid).transpose(1, 2).reshape(batch * side, side, channels)
        level = self.column_norm(grid).reshape(batch * side, side, channels)
        down = self.rows(upright, self._spread(self.row_bias)).view(batch, side, side, channels)
        across = self.columns(level, self._spread(self.column_bias))
        x = x + down.transpose(1, 2).reshape_as(x) + across.reshape_as(x)
        return x + self.narrow(F.gelu(self.widen(self.last_norm(x))))  # type: ignore[no-any-return]

    def _spread(self, table: Tensor) -> Tensor:
        """The bias (heads, side, side) of query i for key j: the table's value at j - i."""
        place = torch.arange(self.side, device=table.device)
        return table[:, place[None, :] - place[:, None] + self.side - 1]


class FullBlock(nn.Module):
    """Attention among all tokens, then a two-layer perceptron with x σ(1.702 x)."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.norm, self.last_norm = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.attention = Attention(channels, heads)
        self.widen = nn.Linear(channels, 4 * channels)
        self.narrow = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, C) -> the same."""
        x = x + self.attention(self.norm(x))
        y = self.widen(self.last_norm(x))
        return x + self.narrow(y * torch.sigmoid(1.702 * y))  # type: ignore[no-any-return]
