"""The variants of the network and the settings of its losses as values. Needs no torch.

Source: Liu et al., "Image inpainting for irregular holes using partial convolutions" (ECCV 2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from inpaint_core.networks.network_spec import LossSettings


@dataclass(frozen=True)
class PconvConfig:
    """``widths``: channels of the encoder's maps, one per level, each half as large as the one
    before. ``upsampling``: how the decoder doubles a map; masks are always doubled by repeating.
    ``form``: the paper's, or that of a widely used version for Keras, which takes colours as they
    are, and ends with a leaky ReLU, a 1x1 convolution and a sigmoid.
    """

    id: str = "pconv-512"
    widths: tuple[int, ...] = (64, 128, 256, 512, 512, 512, 512, 512)
    upsampling: Literal["nearest", "bilinear"] = "nearest"
    form: Literal["paper", "keras"] = "paper"

    @property
    def multiple(self) -> int:
        """What both sides of an image must be a multiple of, so that every halving is exact."""
        return 1 << len(self.widths)


@dataclass(frozen=True)
class PconvLosses(LossSettings):
    """The paper's weights. ``hole`` and ``known`` weigh the absolute error, ``perceptual`` and
    ``style`` those of SqueezeNet's features, ``variation`` that of the hole's smoothness.
    ``freeze_encoder_norms``: the encoder's batch normalisations keep their statistics and weights,
    which holes would disturb: the second stage.
    """

    hole: float = 6.0
    known: float = 1.0
    perceptual: float = 0.05
    style: float = 120.0
    variation: float = 0.1
    freeze_encoder_norms: bool = False

    @property
    def needs_features(self) -> str | None:
        """“perceptual” or “style” if that has a weight."""
        return next((name for name in ("perceptual", "style") if getattr(self, name)), None)


EIGHT_LEVELS = PconvConfig()
"""The paper's, for pictures of 512 pixels."""
SEVEN_LEVELS = PconvConfig("pconv-256", EIGHT_LEVELS.widths[:-1])
"""For pictures of 256 pixels."""
KERAS = PconvConfig("pconv-keras", form="keras")
"""What the weights of the version for Keras fit."""
LEAN = PconvConfig("pconv", (32, 64, 96, 160, 160, 192, 192))
"""Seven levels in a ninth of the parameters."""

CONFIGS: Mapping[str, PconvConfig] = MappingProxyType(
    {config.id: config for config in (EIGHT_LEVELS, SEVEN_LEVELS, KERAS, LEAN)}
)
