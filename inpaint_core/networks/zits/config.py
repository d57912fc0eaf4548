"""The variants of the network and the settings of its losses as values. Needs no torch.

Source: Dong, Cao, Fu, "Incremental transformer structure enhanced image inpainting with masking
positional encoding" (CVPR 2022): ZITS. Sizes and weights of losses are those of its authors' code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from inpaint_core.contract.errors import BadRequest
from inpaint_core.networks.network_spec import LossSettings

MULTIPLE = 32

Part = Literal["lama", "tsr", "tsr_refined", "ssu", "ftr"]
"""What a stage of training trains: the picture's network alone; the structure's transformer, in its
first stage, and as it will be used, step by step; the upsampler of structure; the picture's network
with structure.
"""


@dataclass(frozen=True)
class ZitsConfig:
    """The transformer (TSR) sees a square of ``structure_side`` pixels and works on an eighth of
    it: ``structure_widths`` are channels on the way there, ``embedding`` those of a token,
    ``layers`` its blocks, of ``heads`` heads each, with axial and full attention in turn or one of
    them only. ``steps``: passes in which it completes a hole. ``edge_sigma``: of Canny's smoothing,
    at ``structure_side``. ``line_prior``: where lines of the known part come from: “lsd”, OpenCV's
    detector, “hawp”, the authors' trained one, which is a part of the network that is not trained
    here (the others are then trained on OpenCV's lines), or nowhere.

    ``upsampling``: how completed maps are doubled, by a learned network (SSU) with
    ``upsampler_width`` channels or not. ``structure``: which maps the picture's network gets; with
    “none” every alpha is 0, and it is LaMa. ``positions``: whether it gets the masking positional
    encoding (MPE). ``width``: channels at full size of the picture's network (FTR) and of the
    encoder of structure (SFE), twice as many after each of three halvings; ``blocks``: Fourier
    blocks at 1/8; ``encoder_blocks``: residual blocks of the encoder there.
    """

    id: str = "zits-paper"
    structure_side: int = 256
    structure_widths: tuple[int, int, int] = (64, 128, 256)
    embedding: int = 256
    heads: int = 8
    layers: int = 16
    attention: Literal["alternating", "axial", "full"] = "alternating"
    steps: int = 5
    line_prior: Literal["lsd", "hawp", "none"] = "lsd"
    edge_sigma: float = 3.0
    upsampling: Literal["learned", "bilinear"] = "learned"
    upsampler_width: int = 64
    structure: Literal["both", "edges", "lines", "none"] = "both"
    positions: bool = True
    width: int = 64
    blocks: int = 9
    encoder_blocks: int = 3

    @property
    def multiple(self) -> int:
        """What both sides of an image must be a multiple of."""
        return MULTIPLE

    @property
    def split(self) -> tuple[int, int]:
        """The local and the global channels of the Fourier blocks."""
        return 2 * self.width, 6 * self.width


@dataclass(frozen=True)
class ZitsLosses(LossSettings):
    """``part``: what is trained, with the losses of that part; the others keep their weights.

    Of “lama” and “ftr”: ``known`` and ``hole`` weigh the absolute error, ``adversarial`` and ``r1``
    the discriminator's scores and the penalty on its gradient, ``matching`` its maps,
    ``perceptual`` SqueezeNet's. Of “tsr”: the smoothing ``edge_sigma`` of the edges that are
    learned. Of “tsr_refined”: ``revealed`` is the share of the samples in which a rim of the hole
    is shown to the transformer. Of “ftr”: ``predicted`` is the share of the batches with completed
    structure instead of the photo's own.
    """

    part: Part = "ftr"
    known: float = 10.0
    hole: float = 0.0
    adversarial: float = 10.0
    r1: float = 0.001
    matching: float = 100.0
    perceptual: float = 30.0
    edge_sigma: float = 2.0
    revealed: float = 0.5
    predicted: float = 1.0

    @property
    def is_picture(self) -> bool:
        """Whether the picture's network is trained."""
        return self.part in ("lama", "ftr")

    @property
    def needs_features(self) -> str | None:
        """“perceptual” if that has a weight in this stage."""
        return "perceptual" if self.perceptual and self.is_picture else None

    @property
    def needs_discriminator(self) -> bool:
        """Whether a loss of this stage asks the discriminator."""
        return self.is_picture and bool(self.adversarial or self.matching)

    def check(self) -> None:
        """Raises `BadRequest` for a share that is none, and for a penalty on the gradient of a
        discriminator that is not there.
        """
        for name in ("revealed", "predicted"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadRequest("lab.share_range", name=name)
        if self.is_picture and self.r1 and not self.needs_discriminator:
            raise BadRequest("lab.r1_without_discriminator")


PAPER = ZitsConfig()
LEAN = ZitsConfig(
    "zits",
    structure_widths=(16, 32, 64),
    embedding=96,
    heads=4,
    layers=6,
    upsampler_width=24,
    width=16,
    blocks=5,
    encoder_blocks=1,
)
"""All parts of the paper's network together in about 3 million parameters."""

CONFIGS: Mapping[str, ZitsConfig] = MappingProxyType({c.id: c for c in (PAPER, LEAN)})

ABLATIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "without MPE": {"positions": False},
        "bilinear instead of SSU": {"upsampling": "bilinear"},
        "edges only": {"structure": "edges"},
        "lines only": {"structure": "lines"},
        "without wireframe": {"line_prior": "none"},
        "alphas 0": {"structure": "none"},
        "axial attention only": {"attention": "axial"},
        "full attention only": {"attention": "full"},
    }
)
"""The network without one of its parts at a time: values of its configuration."""
