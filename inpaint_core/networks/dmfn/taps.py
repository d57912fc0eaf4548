"""The feature maps of the network that can be recorded. Needs no torch."""

from __future__ import annotations

from inpaint_core.contract.specs import TapPoint
from inpaint_core.networks.dmfn.config import DmfnConfig

_RATES = (1, 2, 4, 8)


def list_taps(config: DmfnConfig) -> tuple[TapPoint, ...]:
    """The encoder's and the decoder's maps and, of a network of `FusionBlock`s, in each block the
    dilated branches, their running sums and the block's result.
    """
    width, quarter = config.width, 4 * config.width
    sizes = ((1, width), (2, 2 * width), (2, 2 * width), (4, quarter))
    taps = [
        TapPoint(f"encoded-{k + 1}", f"Encoder, layer {k + 1}, at 1/{stride}", stride, channels,
                 f"encoder.{k}")
        for k, (stride, channels) in enumerate(sizes)
    ]  # fmt: skip
    for k in range(config.blocks):
        block = f"in block {k + 1}"
        for number, rate in enumerate(_RATES):
            taps.append(
                TapPoint(f"rate{rate}-{k + 1}", f"Every {rate}. pixel, {block}", 4, width,
                         f"blocks.{k}.branches.{number}")
            )  # fmt: skip
        for number, rate in enumerate(_RATES[1:]):
            taps.append(
                TapPoint(f"sum{rate}-{k + 1}", f"Rates up to {rate} together, {block}", 4, width,
                         f"blocks.{k}.sums.{number}")
            )  # fmt: skip
        taps.append(TapPoint(f"block-{k + 1}", f"Block {k + 1}", 4, quarter, f"blocks.{k}"))
    for k, (stride, channels) in enumerate(((4, quarter), (2, 2 * width), (1, width))):
        taps.append(
            TapPoint(f"decoded-{k + 1}", f"Decoder at 1/{stride}", stride, channels,
                     f"decoder.{k}")
        )  # fmt: skip
    return tuple(taps)
