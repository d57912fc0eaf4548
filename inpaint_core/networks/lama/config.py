"""The variants of the network and the settings of its losses as values. Needs no torch.

Source: Suvorov et al., "Resolution-robust large mask inpainting with Fourier convolutions" (WACV
2022).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inpaint_core.networks.network_spec import ReconstructionLosses

MULTIPLE = 8
"""Three halvings."""


@dataclass(frozen=True)
class LamaConfig:
    """``width``: channels at full size; ``blocks``: Fourier blocks in the body at 1/8, where a
    quarter of ``8 * width`` channels is local and the others see the whole image at once.
    """

    id: str = "big-lama"
    blocks: int = 18
    width: int = 64

    @property
    def split(self) -> tuple[int, int]:
        """The local and the global channels of the body."""
        return 2 * self.width, 6 * self.width

    @property
    def multiple(self) -> int:
        """What both sides of an image must be a multiple of: then the body has two pixels at least,
        so that borders can be reflected.
        """
        return 2 * MULTIPLE


@dataclass(frozen=True)
class LamaLosses(ReconstructionLosses):
    """``known`` and ``hole`` weigh the absolute error, ``perceptual`` that of SqueezeNet's maps.

    The paper adds an adversarial loss and feature matching, and compares features of a network for
    segmentation.
    """

    known: float = 10.0
    hole: float = 0.0
    perceptual: float = 30.0


BIG = LamaConfig()
"""“Big LaMa”."""
FOURIER = LamaConfig("lama-fourier", 9)
"""“LaMa-Fourier”, with which the paper compares itself."""

CONFIGS: Mapping[str, LamaConfig] = MappingProxyType(
    {config.id: config for config in (BIG, FOURIER)}
)
