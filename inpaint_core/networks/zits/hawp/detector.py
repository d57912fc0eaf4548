"""From maps to lines: candidates from every place, tied to junctions, then judged.

Source: Xue et al., "Holistically-attracted wireframe parsing" (CVPR 2020), sections 3.2 to 3.4, in
the layout of the weights that the authors of ZITS published.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.zits.hawp.backbone import CHANNELS, Backbone

SIDE = 512
"""Of the photo that the detector sees."""

MEAN = (109.73, 103.832, 98.681)
SPREAD = (22.275, 22.124, 23.229)
"""Of red, green and blue in 0 .. 255."""

HIDDEN = 127.5
"""The value of a hole in each colour, before normalisation."""

_FARTHEST = 5.0  # cells from a line at which a distance of 1 lies
_MOST_JUNCTIONS = 300
_LEAST_JUNCTION = 0.008
_LEAST_SCORE = 0.05
_LEAST_SLOPE = 1e-3
_POINTS, _GROUP = 32, 4
_DESCRIBED = 128
_AT_ONCE = 4096


class LineDetector(nn.Module):
    """Finds straight lines and says how sure each of them is."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.describe = nn.Conv2d(CHANNELS, _DESCRIBED, 1)
        wide = _DESCRIBED * _POINTS // _GROUP
        self.judge = nn.ModuleList(
            [nn.Linear(wide, 1024), nn.Linear(1024, 1024), nn.Linear(1024, 1)]
        )

    def forward(self, photo: Tensor) -> tuple[Tensor, Tensor]:
        """Lines (n, 4), order x0, y0, x1, y1 in shares of the side, and their scores (n,) in
        [0, 1], of a ``photo`` (1, 3, 512, 512) that `normalise` has made.
        """
        outputs, features = self.backbone(photo)
        outputs = outputs[0].float()
        junctions = find_junctions(outputs)
        if len(junctions) < 2:
            return junctions.new_zeros(0, 4), junctions.new_zeros(0)
        lines = tie_to_junctions(propose_lines(outputs), junctions)
        described = self.describe(features)[0]
        scores = [self._score(described, part) for part in torch.split(lines, _AT_ONCE)]
        score = torch.cat(scores) if scores else lines.new_zeros(0)
        kept = score > _LEAST_SCORE
        return lines[kept] / outputs.shape[-1], score[kept]

    def _score(self, described: Tensor, lines: Tensor) -> Tensor:
        x = sample_along(described, lines.to(described.dtype))
        x = F.max_pool1d(x, _GROUP).flatten(1)
        for layer in self.judge[:-1]:
            x = F.relu(layer(x))
        return torch.sigmoid(self.judge[-1](x).float())[:, 0]


def normalise(photo: Tensor, hole: Tensor) -> Tensor:
    """A photo (B, 3, H, W) in [0, 1] and its ``hole`` (B, 1, H, W), 0 or 1, as the detector takes
    them.
    """
    levels = torch.where(hole > 0, HIDDEN, photo * 255)
    mean, spread = (levels.new_tensor(each).view(1, 3, 1, 1) for each in (MEAN, SPREAD))
    return (levels - mean) / spread


def propose_lines(outputs: Tensor) -> Tensor:
    """Candidates (3 H W, 4) in cells, from raw ``outputs`` (9, H, W): each place tells at which
    distance and angle a line passes it, and under which angles it sees the line's ends; three of
    each differ in the distance.
    """
    height, width = outputs.shape[-2:]
    turn, first, second, near, rest = torch.sigmoid(outputs[:5])
    turn = (turn - 0.5) * 2 * math.pi
    first, second = first * math.pi / 2, -second * math.pi / 2
    slopes = (
        first.sin().clamp_min(_LEAST_SLOPE) / first.cos().clamp_min(_LEAST_SLOPE),
        second.sin().clamp_max(-_LEAST_SLOPE) / second.cos().clamp_min(_LEAST_SLOPE),
    )
    rows, columns = torch.meshgrid(
        torch.arange(height, device=outputs.device),
        torch.arange(width, device=outputs.device),
        indexing="ij",
    )
    found = []
    for sign in (-1, 0, 1):
        far = _FARTHEST * (near + sign * rest)
        ends = []
        for slope in slopes:
            x = columns + far * (turn.cos() - turn.sin() * slope)
            y = rows + far * (turn.sin() + turn.cos() * slope)
            ends += [x.clamp(0, width - 1), y.clamp(0, height - 1)]
        found.append(torch.stack(ends, dim=-1).flatten(0, 1))
    return torch.cat(found)


def find_junctions(outputs: Tensor) -> Tensor:
    """The likeliest places (n, 2), x and y in cells, where lines end, from raw ``outputs``
    (9, H, W): at most 300, none beside a likelier one.
    """
    chance = torch.softmax(outputs[5:7], dim=0)[1]
    highest = F.max_pool2d(chance[None], 3, 1, 1)[0]
    chance = torch.where(chance == highest, chance, 0).flatten()
    count = min(_MOST_JUNCTIONS, int((chance > _LEAST_JUNCTION).sum()))
    place = torch.topk(chance, count).indices
    offset = torch.sigmoid(outputs[7:9]).flatten(1)[:, place] - 0.5
    width = outputs.shape[-1]
    corner = torch.stack([place % width, place // width]).float()
    return (corner + offset + 0.5).T


def tie_to_junctions(lines: Tensor, junctions: Tensor) -> Tensor:
    """``lines`` (n, 4) with each end moved to the nearest of the ``junctions`` (m, 2), each pair of
    different ones once: (k, 4).
    """
    nearest = [
        torch.cat(
            [torch.cdist(part, junctions).argmin(dim=1) for part in torch.split(ends, _AT_ONCE)]
        )
        for ends in (lines[:, :2], lines[:, 2:])
    ]
    pairs = torch.stack([torch.minimum(*nearest), torch.maximum(*nearest)], dim=1)
    pairs = torch.unique(pairs[pairs[:, 0] != pairs[:, 1]], dim=0)
    return torch.cat([junctions[pairs[:, 0]], junctions[pairs[:, 1]]], dim=1)


def sample_along(described: Tensor, lines: Tensor) -> Tensor:
    """``described`` (C, H, W) at 32 points from one end of each of the ``lines`` (n, 4) to the
    other, between cells, whose centres lie at a half: (n, C, 32).
    """
    height, width = described.shape[-2:]
    share = torch.linspace(0, 1, _POINTS, device=lines.device, dtype=lines.dtype)[None, :, None]
    points = lines[:, None, :2] * (1 - share) + lines[:, None, 2:] * share
    size = points.new_tensor([width, height])
    # grid_sample counts from the outer border of the first cell to that of the last: as cells do.
    grid = points / size * 2 - 1
    found = F.grid_sample(
        described[None], grid[None], mode="bilinear", padding_mode="border", align_corners=False
    )
    return found[0].transpose(0, 1)
