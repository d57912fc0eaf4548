"""The feature maps of the network that can be recorded. Needs no torch."""

from __future__ import annotations

from inpaint_core.contract.specs import TapPoint
from inpaint_core.networks.lama.config import LamaConfig


def list_taps(config: LamaConfig) -> tuple[TapPoint, ...]:
    """The maps on the way down, what each Fourier block knows nearby and of the whole image, and
    the maps on the way up.
    """
    width, (local, glob) = config.width, config.split
    taps = [TapPoint("stem", "Stem", 1, width, "stem")]
    for k in (1, 2):
        taps.append(TapPoint(f"down-{k}", f"Down to 1/{2**k}", 2**k, width << k, f"downs.{k - 1}"))
    for k in range(config.blocks):
        module = f"blocks.{k}"
        taps += [
            TapPoint(f"local-{k + 1}", f"Block {k + 1}, nearby", 8, local, module, part=(0,)),
            TapPoint(f"global-{k + 1}", f"Block {k + 1}, whole image", 8, glob, module, part=(1,)),
        ]
    for k in (2, 1, 0):
        taps.append(TapPoint(f"up-{k}", f"Up to 1/{2**k}", 2**k, width << k, f"ups.{2 - k}"))
    return tuple(taps)
