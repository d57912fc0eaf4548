"""The paper's whole network, and the choice between it and its 512 variant."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from inpaint_core.networks.blocks.attention_transfer import PyramidTransfer, SharedAttention
from inpaint_core.networks.blocks.convolution_weights import initialise
from inpaint_core.networks.blocks.patch_discriminator import PatchDiscriminator
from inpaint_core.networks.tsgl.balance import BalanceModule, Fusion
from inpaint_core.networks.tsgl.config import (
    STRUCTURE_PRIORS,
    Branch,
    Config,
    LamaConfig,
    TsglConfig,
)
from inpaint_core.networks.tsgl.decoders import (
    Maps,
    PictureDecoder,
    PublishedEdgeDecoder,
    SlimEdgeDecoder,
)
from inpaint_core.networks.tsgl.discriminator import Discriminator
from inpaint_core.networks.tsgl.encoders import StructureEncoder, TextureHead, TextureStage
from inpaint_core.networks.tsgl.guidance import (
    Guidance,
    GuidanceBranch,
    compute_halved_residual,
    select_branches,
)
from inpaint_core.networks.tsgl.inputs import Inputs, Output, mask_structure
from inpaint_core.networks.tsgl.lama import TsglLama

_INVERSE = Branch("texture", "global")


class Tsgl(nn.Module):
    """Structure and texture encoders, guidance at five scales, balance, decoder."""

    def __init__(self, config: TsglConfig) -> None:
        super().__init__()
        self.config = config
        prior = STRUCTURE_PRIORS[config.structure_prior]
        self.drawable = prior.drawable
        structure, width = config.structure_widths, config.width
        self.structure = StructureEncoder(prior.channels + 1, structure)
        self.head = TextureHead(4 if config.texture_prior == "none" else 7, width)
        self.stages = nn.ModuleList(TextureStage(config, depth) for depth in config.depths)
        self.guidance = nn.ModuleList(
            Guidance(
                select_branches(config.branches, stage, config.double_from_stage),
                width,
                (channels, width),
                config.hidden,
                config.global_norm,
            )
            for stage, channels in enumerate(structure, start=1)
        )
        self.inverse = (
            nn.ModuleList(
                GuidanceBranch(_INVERSE, channels, width, config.hidden, config.global_norm)
                for channels in structure
            )
            if config.inverse
            else None
        )
        self.fusion = Fusion(width, config.fusion_widths)
        self.balance = _build_balance(config)
        self.decoder = PictureDecoder(config.fusion_widths, config.decoder_widths)
        self.edge_decoder: PublishedEdgeDecoder | SlimEdgeDecoder = (
            PublishedEdgeDecoder(structure)
            if config.edge_decoder == "published"
            else SlimEdgeDecoder(structure)
        )
        initialise(self)

    def forward(self, inputs: Inputs, edges: bool = False) -> Output:
        """One batch whose sides are multiples of 64. ``edges``: complete the edges too.

        Raises ValueError for other sides.
        """
        multiple = self.config.multiple
        if any(side % multiple for side in inputs.image.shape[-2:]):
            raise ValueError(f"sides must be multiples of {multiple}")
        structures, textures = self.encode(inputs)
        maps = self.fusion(textures)
        if self.balance is not None:
            maps = self.balance(maps, inputs.known)
        drawn = self.edge_decoder(structures, inputs.image.shape[-2:]) if edges else None
        return Output(self.decoder(maps), drawn)

    def encode(self, inputs: Inputs) -> tuple[Maps, list[Tensor]]:
        """Five structure maps at H/2 .. H/32, each with its mask, and five texture maps of the same
        sizes, each rebuilt from its structure map.
        """
        previous, raw, known = self._read_photo(inputs)
        textures: list[Tensor] = []

        def meet(stage: int, structure: Tensor) -> Tensor:
            nonlocal previous, raw, known
            if stage > 0:
                # The last stage is not masked: at 1/32 of the image usually everything is known.
                known = None if stage == len(self.guidance) - 1 else known
                raw, known = self.stages[stage - 1](previous, known)
            if self.inverse is not None:
                structure = self.inverse[stage](structure, raw)
            lost = compute_halved_residual(previous, raw)
            previous = self.guidance[stage](raw, structure, lost)
            textures.append(previous)
            return structure

        maps = mask_structure(inputs, self.drawable)
        # The mask channel is the photo's own, so that at a drawn edge only the edge is known.
        x = torch.cat([maps, inputs.known.to(maps.dtype)], dim=1)
        return self.structure(x, inputs.structure_known, meet), textures

    def _read_photo(self, inputs: Inputs) -> tuple[Tensor, Tensor, Tensor | None]:
        """The first two texture maps, at H and H/2, and what is known at H/2."""
        images = [inputs.image]
        if self.config.texture_prior != "none":
            if inputs.texture is None:
                raise ValueError(f"the network “{self.config.id}” needs a smoothed image")
            images.append(inputs.texture)
        images = [torch.where(inputs.known > 0, image, 0) for image in images]
        x = torch.cat([*images, inputs.known.to(inputs.image.dtype)], dim=1)
        return self.head(x, inputs.known)  # type: ignore[no-any-return]


def _build_balance(
    config: TsglConfig,
) -> BalanceModule | PyramidTransfer | SharedAttention | None:
    if config.balance is None:
        return None
    if config.balance.form == "pennet":
        return PyramidTransfer(config.fusion_widths)
    if config.balance.form == "hifill":
        return SharedAttention(config.fusion_widths)
    return BalanceModule(config.balance, config.fusion_widths, config.as_released)


def build_network(config: TsglConfig | LamaConfig) -> Tsgl | TsglLama:
    """The network of a configuration, with fresh weights."""
    return Tsgl(config) if isinstance(config, TsglConfig) else TsglLama(config)


def build_discriminator(config: Config) -> nn.Module:
    """The discriminator that a configuration is trained with, with fresh weights."""
    return Discriminator() if isinstance(config, TsglConfig) else PatchDiscriminator()
