"""The variants of the network and the settings of its losses as values. Needs no torch.

Source: Hui, Li, Wang, Gao, "Image fine-grained inpainting" (2020): DMFN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from inpaint_core.networks.network_spec import LossSettings

BlockForm = Literal["paper", "released", "no_combination", "no_k", "rate_2", "rate_8"]
"""The dense multi-scale fusion block of the paper's figure 2, that of the published code, and the
other rows of the paper's table 2: branches that are not summed, sums without convolutions, and one
rate of dilation instead of four.
"""


@dataclass(frozen=True)
class DmfnConfig:
    """``width``: channels at the photo's size; twice as many at half and four times as many at a
    quarter of it. ``blocks``: fusion blocks in a row, of this ``form``.
    """

    id: str = "dmfn-paper"
    width: int = 64
    blocks: int = 8
    form: BlockForm = "paper"

    @property
    def multiple(self) -> int:
        """What both sides of an image must be a multiple of, so that every halving is exact."""
        return 4


@dataclass(frozen=True)
class DmfnLosses(LossSettings):
    """The paper's weights; 0 leaves a loss out, as its table 3 does. ``hole`` weighs
    the absolute error of the fill; ``self_guided`` and ``features`` those of SqueezeNet's maps,
    ``alignment`` that of their centres of mass; ``matching`` that of the local discriminator's
    maps; ``adversarial`` the relativistic loss.
    """

    hole: float = 1.0
    self_guided: float = 25.0
    features: float = 25.0
    alignment: float = 1.0
    matching: float = 5.0
    adversarial: float = 0.003

    @property
    def needs_features(self) -> str | None:
        """The first of “self_guided”, “features” and “alignment” that has a weight."""
        names = ("self_guided", "features", "alignment")
        return next((name for name in names if getattr(self, name)), None)

    @property
    def needs_discriminator(self) -> bool:
        """Whether a loss of the generator asks the discriminator."""
        return bool(self.matching or self.adversarial)


PAPER = DmfnConfig()
RELEASED = replace(PAPER, id="dmfn-released", form="released")
"""What the published weights fit."""
LEAN = DmfnConfig("dmfn", width=48)
"""The paper's network in half of the parameters. A quarter of its blocks' channels is a multiple of
16: of other numbers, oneDNN 3.12 computes wrong bfloat16 gradients of dilated convolutions."""

CONFIGS: Mapping[str, DmfnConfig] = MappingProxyType(
    {config.id: config for config in (PAPER, RELEASED, LEAN)}
)

TABLE_2: Mapping[str, DmfnConfig] = MappingProxyType(
    {
        "rate=2": replace(PAPER, form="rate_2"),
        "rate=8": replace(PAPER, form="rate_8"),
        "w/o combination": replace(PAPER, form="no_combination"),
        "w/o K": replace(PAPER, form="no_k"),
        "DMFB": PAPER,
    }
)
"""The paper's ablation of the block, by its own names."""

TABLE_3: Mapping[str, DmfnLosses] = MappingProxyType(
    {
        "w/o self-guided": DmfnLosses(self_guided=0.0),
        "w/o align": DmfnLosses(alignment=0.0),
        "w/o dis_fm": DmfnLosses(matching=0.0),
        "with all": DmfnLosses(),
    }
)
"""The paper's ablation of the losses, by its own names."""
