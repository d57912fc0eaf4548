"""The whole network: structure completed small, doubled, encoded, and the picture's network."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.inputs import NetworkInputs
from inpaint_core.networks.zits.config import MULTIPLE, ZitsConfig
from inpaint_core.networks.zits.hawp.detector import LineDetector
from inpaint_core.networks.zits.inputs import ZitsInputs, ZitsOutput
from inpaint_core.networks.zits.position import MaskingPositions
from inpaint_core.networks.zits.structure_encoder import StructureEncoder
from inpaint_core.networks.zits.texture import PictureNetwork
from inpaint_core.networks.zits.transformer import REDUCTION, StructureTransformer, decide
from inpaint_core.networks.zits.upsampler import SCALE, SHIFT, StructureUpsampler, sharpen

ADDED = 4
"""Maps of structure that the picture's network gets."""


class Shown(nn.Module):
    """A map of the square brought to the view, where it can be recorded."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, maps: Tensor, size: torch.Size) -> Tensor:
        """(B, C, S, S), which covers a square as wide as the longer of the view's sides ``size`` ->
        (B, C, H / stride, W / stride).
        """
        height, width = (side // self.stride for side in size)
        side = max(height, width)
        how = "nearest" if side >= maps.shape[-1] else "bilinear"  # thin lines would get lost
        return fit_square(maps, side, how)[..., :height, :width]


class Zits(nn.Module):
    """The transformer, the upsampler, the encoder of structure, the picture's network, and perhaps
    a detector of lines, which works before the others, on what they are given.

    Structure is decided on, not differentiated: no gradient goes through the transformer.
    """

    def __init__(self, config: ZitsConfig) -> None:
        super().__init__()
        self.config = config
        self.transformer = StructureTransformer(config)
        self.upsampler = StructureUpsampler(config)
        self.encoder = StructureEncoder(config)
        self.positions = MaskingPositions(config.width)
        self.alphas = nn.Parameter(torch.zeros(ADDED))
        self.picture = PictureNetwork(config)
        self.detector = LineDetector() if config.line_prior == "hawp" else None
        self.shown_steps = nn.ModuleList(Shown(1) for _ in range(config.steps))
        self.shown_tokens = Shown(REDUCTION)
        self.shown_structure, self.shown_distance, self.shown_direction = (
            nn.Identity() for _ in range(3)
        )

    def forward(self, inputs: ZitsInputs) -> ZitsOutput:
        """One batch whose sides are multiples of 32. Raises ValueError for other sides."""
        if any(side % MULTIPLE for side in inputs.image.shape[-2:]):
            raise ValueError(f"sides must be multiples of {MULTIPLE}")
        if self.config.structure == "none":
            return ZitsOutput(self.paint(inputs, None))
        size = inputs.image.shape[-2:]
        structure = self.place(self.enlarge(self.complete(inputs), max(size)), size)
        return ZitsOutput(self.paint(inputs, structure), structure)

    def guess(self, inputs: ZitsInputs) -> Tensor:
        """The transformer's logits (B, 2, S, S) of edges and lines after a single pass."""
        logits: Tensor = self.transformer(*_look_at(inputs))[0]
        return logits

    @torch.no_grad()
    def complete(self, inputs: ZitsInputs, steps: int | None = None) -> Tensor:
        """Edges and lines (B, 2, S, S) in [0, 1], completed in ``steps`` passes, by default as many
        as the configuration says; what is known stays.
        """
        steps = self.config.steps if steps is None else steps
        size = inputs.image.shape[-2:]
        picture, maps, unknown = _look_at(inputs)
        tokens = None
        for step in range(steps):
            logits, tokens = self.transformer(picture, maps, unknown)
            maps, unknown = decide(logits, maps, unknown, (step + 1) / steps)
            if steps == self.config.steps:
                self.shown_steps[step](maps, size)
        if tokens is not None:
            self.shown_tokens(tokens, size)
        return maps

    @torch.no_grad()
    def enlarge(
        self, maps: Tensor, side: int, shift: float = SHIFT, scale: float = SCALE, least: int = 0
    ) -> Tensor:
        """``maps`` (B, 2, S, S) as (B, 2, side, side): doubled by the upsampler until they are at
        least that large, ``least`` times or more often, then resized.
        """
        maps = self.choose(maps)
        passes = 0
        while self.config.upsampling == "learned" and (passes < least or maps.shape[-1] < side):
            separate = maps.flatten(0, 1)[:, None]
            doubled = sharpen(self.upsampler(separate), shift, scale)
            maps = self.choose(doubled.view(*maps.shape[:2], *doubled.shape[-2:]))
            passes += 1
        return fit_square(maps, side, "bilinear")

    def choose(self, maps: Tensor) -> Tensor:
        """The maps with that set to 0 which the configuration leaves out."""
        if self.config.structure == "both":
            return maps
        kept = torch.tensor([self.config.structure == name for name in ("edges", "lines")])
        return maps * kept.to(maps).view(1, 2, 1, 1)

    def place(self, maps: Tensor, size: torch.Size) -> Tensor:
        """The part (B, C, H, W) of a square map that the view of ``size`` covers."""
        return maps[..., : size[0], : size[1]]

    def paint(self, inputs: NetworkInputs, structure: Tensor | None) -> Tensor:
        """A picture (B, 3, H, W) in [-1, 1]. Without ``structure`` (B, 2, H, W) it is LaMa's way,
        for which the photo and its hole are enough.
        """
        hole = (1 - inputs.known).to(inputs.image.dtype)
        picture = (inputs.image + 1) / 2
        if structure is None:
            return self.picture(picture, hole)  # type: ignore[no-any-return]
        assert isinstance(inputs, ZitsInputs)
        structure = self.shown_structure(structure.to(hole.dtype))
        encoded = self.encoder(torch.cat([structure, hole], dim=1))
        added = [alpha * each for alpha, each in zip(self.alphas, encoded, strict=True)]
        return self.picture(picture, hole, self._encode_positions(inputs, hole), added)  # type: ignore[no-any-return]

    def _encode_positions(self, inputs: ZitsInputs, hole: Tensor) -> Tensor | None:
        if not self.config.positions:
            return None
        size = hole.shape[-2:]
        distance, direction = (
            self.place(fit_square(each, max(size), "nearest"), size) * hole
            for each in (inputs.distance, inputs.direction)
        )
        return self.positions(  # type: ignore[no-any-return]
            self.shown_distance(distance), self.shown_direction(direction)
        )


def _look_at(inputs: ZitsInputs) -> tuple[Tensor, Tensor, Tensor]:
    """The picture, the maps and what is unknown of them, as the transformer takes them."""
    picture = torch.where(inputs.small_known > 0, inputs.small, 0)
    maps = torch.where(inputs.structure_known > 0, inputs.structure, 0)
    return picture, maps, (1 - inputs.structure_known).to(maps.dtype)


def fit_square(maps: Tensor, side: int, how: str) -> Tensor:
    """``maps`` (B, C, S, S) as (B, C, side, side)."""
    if maps.shape[-1] == side:
        return maps
    corners = False if how == "bilinear" else None
    return F.interpolate(maps, size=(side, side), mode=how, align_corners=corners)
