"""The variants of the network and the settings of its losses as values. Needs no torch.

Source: Sargsyan et al., "MI-GAN: a simple baseline for image inpainting on mobile devices" (ICCV
2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inpaint_core.networks.network_spec import ReconstructionLosses

LEAST_SIDE = 4
"""The side of the coarsest map."""


@dataclass(frozen=True)
class MiganConfig:
    """``side``: of the only pictures it takes, a power of 2. A map of side s has
    min(``capacity`` / s, ``widest``) channels.
    """

    id: str = "migan"
    side: int = 512
    capacity: int = 32768
    widest: int = 512

    @property
    def multiple(self) -> int:
        """What both sides of an image must be."""
        return self.side

    @property
    def sides(self) -> tuple[int, ...]:
        """The sides of all maps, finest first."""
        count = (self.side // LEAST_SIDE).bit_length()
        return tuple(self.side >> k for k in range(count))

    def channels(self, side: int) -> int:
        """The channels of a map of this side."""
        return min(self.capacity // side, self.widest)


@dataclass(frozen=True)
class MiganLosses(ReconstructionLosses):
    """``hole`` and ``known`` weigh the absolute error, ``perceptual`` that of SqueezeNet's maps.

    The paper learns from a larger network and a discriminator.
    """

    known: float = 1.0
    hole: float = 6.0
    perceptual: float = 30.0


LARGE = MiganConfig()
SMALL = MiganConfig("migan-256", 256)

CONFIGS: Mapping[str, MiganConfig] = MappingProxyType(
    {config.id: config for config in (LARGE, SMALL)}
)
