"""The feature maps of the network that can be recorded. Needs no torch."""

from __future__ import annotations

from inpaint_core.contract.specs import TapPoint
from inpaint_core.networks.migan.config import MiganConfig


def list_taps(config: MiganConfig) -> tuple[TapPoint, ...]:
    """The map of each scale on the way down and up, and what each scale adds to the picture."""
    taps, count = [], len(config.sides)
    for k, side in enumerate(config.sides):
        stride, channels = 1 << k, config.channels(side)
        taps.append(TapPoint(
            f"encoded-{k}", f"Encoder at 1/{stride}", stride, channels, f"encoder.{k}", part=(1,),
        ))  # fmt: skip
    for k in range(count - 1, -1, -1):
        stride, module = 1 << k, f"decoder.{count - 1 - k}"
        channels = config.channels(config.sides[k])
        taps += [
            TapPoint(f"decoded-{k}", f"Decoder at 1/{stride}", stride, channels, module, part=(0,)),
            TapPoint(f"picture-{k}", f"Added at 1/{stride}", stride, 3, module, part=(1,)),
        ]
    return tuple(taps)
