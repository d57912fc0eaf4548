"""The 512 variant, "Ours (LaMa)": plain convolutions, and a body of Fourier blocks, at 1/32 in the
paper and with as many halvings as its configuration says here.

It has neither attention nor the cross-layer balance module. The published code trains it on images
in [-1, 1] and tests it on [0, 1]; here it is [-1, 1] everywhere.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from inpaint_core.networks.blocks.convolution_weights import initialise
from inpaint_core.networks.blocks.fourier_convolution import FourierBlock, Pair
from inpaint_core.networks.tsgl.config import STRUCTURE_PRIORS, LamaConfig, split_channels
from inpaint_core.networks.tsgl.guidance import Guidance, compute_residual
from inpaint_core.networks.tsgl.inputs import Inputs, Output, mask_structure

EDGE_BLOCKS = 3


def convolution_unit(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    """Convolution with reflected border, batch norm, ReLU."""
    conv = nn.Conv2d(
        inputs, outputs, kernel, stride, kernel // 2, padding_mode="reflect", bias=False
    )
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


class SplitDown(nn.Module):
    """Halve, and split the channels into local and global ones."""

    def __init__(self, inputs: int, local: int, glob: int) -> None:
        super().__init__()
        self.local = convolution_unit(inputs, local, 3, 2)
        self.glob = convolution_unit(inputs, glob, 3, 2)

    def forward(self, x: Tensor) -> Pair:
        """(B, C, H, W) -> (B, local, H/2, W/2), (B, global, H/2, W/2)."""
        return self.local(x), self.glob(x)


class Tail(nn.Module):
    """Fourier blocks, a doubling of the size for each of ``widths``, and a last convolution."""

    def __init__(self, blocks: int, split: tuple[int, int], widths: tuple[int, ...], out: int):
        super().__init__()
        self.blocks = nn.ModuleList(FourierBlock(*split) for _ in range(blocks))
        sides = zip((sum(split), *widths), widths, strict=False)
        self.ups = nn.ModuleList(
            nn.Sequential(
                nn.ConvTranspose2d(a, b, 3, 2, 1, output_padding=1), nn.BatchNorm2d(b), nn.ReLU()
            )
            for a, b in sides
        )
        self.last = nn.Conv2d(widths[-1], out, 7, padding=3, padding_mode="reflect")

    def forward(self, pair: Pair) -> Tensor:
        """(B, local, h, w), (B, global, h, w) -> (B, out, H, W), unbounded."""
        for block in self.blocks:
            pair = block(pair)
        x = torch.cat(pair, dim=1)
        for up in self.ups:
            x = up(x)
        return self.last(x)  # type: ignore[no-any-return]


class TsglLama(nn.Module):
    """Two encoders with guidance after each halving, Fourier body, decoder without skips."""

    def __init__(self, config: LamaConfig) -> None:
        super().__init__()
        self.config = config
        prior = STRUCTURE_PRIORS[config.structure_prior]
        self.drawable = prior.drawable
        first, *others = config.structure_widths
        width = config.width
        split, structure_split = config.split, split_channels(others[-1])
        self.structure_stem = convolution_unit(prior.channels + 1, first, 7, 1)
        self.texture_stem = convolution_unit(4, width, 7, 1)
        self.structure_downs = nn.ModuleList(
            convolution_unit(a, b, 3, 2) for a, b in zip((first, *others), others, strict=False)
        )
        self.structure_downs.append(SplitDown(others[-1], *structure_split))
        self.texture_downs = nn.ModuleList(convolution_unit(width, width, 3, 2) for _ in others)
        self.texture_downs.append(SplitDown(width, *split))

        rest = config.hidden, config.global_norm

        def guidance(channels: int, structure: int) -> Guidance:
            return Guidance(config.branches, channels, (structure, channels), *rest, identity=True)

        self.guidance = nn.ModuleList(guidance(width, s) for s in others)
        self.local_guidance = guidance(split[0], structure_split[0])
        self.global_guidance = guidance(split[1], structure_split[1])
        self.tail = Tail(config.blocks, split, config.decoder_widths, 3)
        self.edge_decoder = Tail(EDGE_BLOCKS, structure_split, config.decoder_widths, 1)
        initialise(self)

    def forward(self, inputs: Inputs, edges: bool = False) -> Output:
        """One batch whose sides are multiples of ``config.multiple``. ``edges``: complete the edges
        too.

        Raises ValueError for other sides.
        """
        multiple = self.config.multiple
        if any(side % multiple for side in inputs.image.shape[-2:]):
            raise ValueError(f"sides must be multiples of {multiple}")
        hole = (1 - inputs.known).to(inputs.image.dtype)
        image = torch.where(inputs.known > 0, inputs.image, 0)
        structure = self.structure_stem(
            torch.cat([mask_structure(inputs, self.drawable), hole], dim=1)
        )
        texture = self.texture_stem(torch.cat([image, hole], dim=1))
        *downs, structure_last = self.structure_downs
        *texture_downs, texture_last = self.texture_downs
        for down, texture_down, guidance in zip(downs, texture_downs, self.guidance, strict=True):
            structure, raw = down(structure), texture_down(texture)
            texture = guidance(raw, structure, compute_residual(texture, raw))
        structures, raws = structure_last(structure), texture_last(texture)
        lost = compute_residual(texture, torch.cat(raws, dim=1))
        locally = raws[0].shape[1]
        pair = (
            self.local_guidance(raws[0], structures[0], lost[:, :locally]),
            self.global_guidance(raws[1], structures[1], lost[:, locally:]),
        )
        drawn = torch.sigmoid(self.edge_decoder(structures)) if edges else None
        return Output(torch.tanh(self.tail(pair)), drawn)
