"""The feature maps of the network that can be recorded. Needs no torch."""

from __future__ import annotations

from inpaint_core.contract.specs import TapPoint
from inpaint_core.networks.pconv.config import PconvConfig


def list_taps(config: PconvConfig) -> tuple[TapPoint, ...]:
    """Each level's map and mask, in the encoder from fine to coarse and in the decoder back.

    “known-k” is 1 where level k saw anything known: the hole shrinks from layer to layer.
    """
    taps = []
    levels = range(1, len(config.widths) + 1)
    for k in levels:
        stride, module = 2**k, f"encoder.{k - 1}"
        taps += [
            TapPoint(
                f"encoded-{k}", f"Encoder at 1/{stride}", stride, config.widths[k - 1], module,
                part=(0,),
            ),
            TapPoint(
                f"known-{k}", f"What is known at 1/{stride}", stride, 1, module, part=(1,)
            ),
        ]  # fmt: skip
    for number, k in enumerate(reversed(levels)):
        stride, module = 2 ** (k - 1), f"decoder.{number}"
        channels = config.widths[k - 2] if k > 1 else 3
        taps += [
            TapPoint(
                f"decoded-{k}", f"Decoder at 1/{stride}", stride, channels, module, part=(0,)
            ),
            TapPoint(
                f"filled-{k}", f"What the decoder knows at 1/{stride}", stride, 1, module, part=(1,)
            ),
        ]  # fmt: skip
    return tuple(taps)
