"""The variants of the network and the settings of its losses as values. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from inpaint_core.contract.errors import BadRequest
from inpaint_core.networks.network_spec import LossSettings

Guide = Literal["structure", "residual", "texture"]
Side = Literal["global", "local"]
GlobalNorm = Literal["instance", "batch"]
TauForm = Literal["after", "inside"]
BalanceForm = Literal["tsgl", "pennet", "hifill"]


@dataclass(frozen=True)
class StructurePrior:
    """The input of the structure branch: channels of priors, as ``(prior id, channels)``.

    ``drawable``: the first part is edges, which can be drawn inside the hole.
    """

    parts: tuple[tuple[str, tuple[int, ...]], ...]
    drawable: bool = False

    @property
    def channels(self) -> int:
        """Number of channels of all parts together."""
        return sum(len(channels) for _, channels in self.parts)


RELEASED_SIDE = 256
"""Of the pictures that the released weights take."""

SEMANTIC = "semantic"
STRUCTURE_PRIORS: Mapping[str, StructurePrior] = MappingProxyType(
    {
        "edge_grey": StructurePrior((("canny", (0,)), ("grey", (0,))), drawable=True),
        "gradients": StructurePrior((("sobel", (0, 1, 2, 3, 4, 5)),)),
        "gradient_x": StructurePrior((("sobel", (0, 1, 2)),)),
        "gradient_y": StructurePrior((("sobel", (3, 4, 5)),)),
        "lowres": StructurePrior((("lowres", (0, 1, 2)),)),
        SEMANTIC: StructurePrior(((SEMANTIC, (0, 1, 2)),)),
    }
)
"""The rows of the paper's table VIII. A semantic map is not computed: it comes from a file."""


@dataclass(frozen=True)
class Branch:
    """One way to reconstruct texture: normalised on one side, denormalised by a guide.

    ``repeat``: how many times in a row ("2Global" in the paper is 2).
    """

    guide: Guide
    side: Side
    repeat: int = 1


PUBLISHED_BRANCHES = (Branch("structure", "global", 2), Branch("residual", "local"))


@dataclass(frozen=True)
class Balance:
    """The cross-layer balance module: channels of its streams and of its fused map, the streams'
    kernel sizes and depth. ``holes``: whether the streams see the mask; in the published code they
    do not. ``form``: the paper's own module, or what PENNet or HiFill have in its place, which use
    none of the other values (table VII).
    """

    width: int = 256
    fused: int = 512
    kernels: tuple[int, ...] = (3, 5, 7)
    depth: int = 5
    holes: bool = False
    form: BalanceForm = "tsgl"


@dataclass(frozen=True)
class TsglConfig:
    """The paper's network. The defaults are the 256 network of the published code, except for what
    the project's decision 9 lists.

    ``structure_widths``: channels of the five structure maps; ``width``: of every texture map;
    ``depths``: attention blocks of texture stages 2 to 5; ``tau``: subtracted from the score of an
    unknown token, "after" the scores are scaled by 1 / sqrt(d) as in the published code, or
    "inside", before, as in equation 4 (``tau_form``; after the scaling, every tau from 25 on gives
    the same bits); ``hidden``: channels inside a conditional normalisation; ``double_from_stage``:
    earlier stages apply every guide once; ``inverse``: each structure map is rebuilt too, on the
    global side, from the texture that meets it (table I); ``fusion_widths``: channels of the six
    balanced maps, the last three equal; ``balance`` None: the decoder gets the maps unbalanced;
    ``decoder_widths``: channels of all decoder maps except the picture. ``as_released``: everything
    is computed as in the published code where that differs from the paper, down to its mistakes,
    which the weights that its authors released have learned to live with: see `Stream`,
    `Equalisation`, `MaskedAttention` and `wrap_levels`. Those take pictures of one size only.
    """

    id: str = "paper"
    structure_prior: str = "edge_grey"
    texture_prior: Literal["l0", "rtv", "none"] = "l0"
    structure_widths: tuple[int, int, int, int, int] = (64, 128, 256, 512, 1024)
    width: int = 180
    depths: tuple[int, int, int, int] = (2, 2, 6, 2)
    heads: int = 4
    window: int = 8
    tau: float = 100.0
    tau_form: TauForm = "after"
    branches: tuple[Branch, ...] = PUBLISHED_BRANCHES
    double_from_stage: int = 1
    inverse: bool = False
    hidden: int = 128
    global_norm: GlobalNorm = "instance"
    fusion_widths: tuple[int, int, int, int, int, int] = (64, 128, 256, 512, 512, 512)
    balance: Balance | None = Balance()
    decoder_widths: tuple[int, int, int, int, int] = (512, 512, 256, 128, 64)
    edge_decoder: Literal["published", "slim"] = "slim"
    as_released: bool = False

    @property
    def multiple(self) -> int:
        """What both sides of an image must be a multiple of, so that every halving is exact."""
        return RELEASED_SIDE if self.as_released else 64


def split_channels(channels: int) -> tuple[int, int]:
    """Local and global channels: of four, three see the whole image."""
    glob = channels * 3 // 4
    return channels - glob, glob


@dataclass(frozen=True)
class LamaConfig:
    """The 512 variant with plain convolutions and a body of Fourier blocks, "Ours (LaMa)".

    ``structure_widths``: channels of the structure maps, at full size and after each halving but
    the last; ``decoder_widths``: those after each doubling. The paper has five halvings; a network
    for small pictures has fewer, so that its body still sees some pixels.
    """

    id: str = "lama"
    structure_prior: str = "edge_grey"
    texture_prior: Literal["none"] = "none"
    structure_widths: tuple[int, ...] = (64, 128, 256, 256, 256)
    width: int = 256
    blocks: int = 9
    branches: tuple[Branch, ...] = PUBLISHED_BRANCHES
    hidden: int = 128
    global_norm: GlobalNorm = "instance"
    decoder_widths: tuple[int, ...] = (256, 256, 256, 128, 64)

    def __post_init__(self) -> None:
        halvings = len(self.structure_widths)
        if halvings < 2 or len(self.decoder_widths) != halvings:
            raise BadRequest("lab.unequal_halvings", halvings=halvings)

    @property
    def multiple(self) -> int:
        """What both sides of an image must be a multiple of, so that every halving is exact."""
        return int(2 ** len(self.structure_widths))

    @property
    def split(self) -> tuple[int, int]:
        """The local and the global channels of the body."""
        return split_channels(self.width)


Config = TsglConfig | LamaConfig

PAPER = TsglConfig()
RELEASED = TsglConfig(
    id="paper",
    texture_prior="rtv",
    global_norm="batch",
    edge_decoder="published",
    as_released=True,
)
"""What the released weights for 256 pixels are of; the depths are those that their file shows."""
LAMA = LamaConfig()
BASE = TsglConfig(
    id="base",
    texture_prior="none",
    structure_widths=(32, 64, 128, 192, 256),
    width=72,
    hidden=48,
    fusion_widths=(32, 64, 96, 128, 128, 128),
    balance=Balance(width=64, fused=128, depth=3),
    decoder_widths=(128, 128, 96, 64, 32),
)
"""The network that ships: every part of the paper's, small enough for a computer without a GPU.

Of four ways to spend 60 GMAC at 512 (width and hidden 80/32, 72/48, 64/56, and 64/40 with a wider
balance module), 72/48 fitted best after 300 steps on 400 crops of 128: training loss 1.08 against
1.16 .. 1.17, error in unseen holes 0.168 against 0.169 .. 0.170. One run each: a hint, not proof.
"""

CONFIGS: Mapping[str, Config] = MappingProxyType({c.id: c for c in (PAPER, LAMA, BASE)})


@dataclass(frozen=True)
class TsglLosses(LossSettings):
    """``hole``, ``known``, ``edges``, ``adversarial``, ``matching``, ``r1`` and ``perceptual``
    weigh the losses; the last needs SqueezeNet's features. ``picture`` weighs the absolute error of
    the picture as a whole: 0 for a stage that learns edges first. ``perceptual_at``: features of
    the whole picture, or of what is around the hole, enlarged to the picture's size.
    ``edge_loss``: the mean absolute error of the paper's equation 14, or cross-entropy. ``loss``:
    the published code's form of the losses ("hinge"), LaMa's ("softplus") or the one that the paper
    prints ("paper"): one mean absolute error of the whole picture (equation 13), logarithms of the
    discriminator's verdict on composites (equation 15). ``hole`` None: 5, or with the paper's form
    1.
    """

    hole: float | None = None
    known: float = 1.0
    picture: float = 1.0
    edges: float = 1.0
    edge_loss: Literal["l1", "entropy"] = "l1"
    adversarial: float = 0.1
    matching: float = 0.0
    loss: Literal["hinge", "softplus", "paper"] = "hinge"
    r1: float = 0.0
    perceptual: float = 0.0
    perceptual_at: Literal["picture", "hole"] = "picture"

    @property
    def hole_weight(self) -> float:
        """The weight of errors in the hole."""
        if self.hole is not None:
            return self.hole
        return 1.0 if self.loss == "paper" else 5.0

    @property
    def needs_features(self) -> str | None:
        """“perceptual” if that has a weight."""
        return "perceptual" if self.perceptual else None

    def check(self) -> None:
        """Raises `BadRequest` for a gradient penalty without a discriminator."""
        if self.r1 and not (self.adversarial or self.matching):
            raise BadRequest("lab.r1_without_discriminator")
