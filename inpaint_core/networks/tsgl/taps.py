"""The feature maps of the network that can be recorded. Needs no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from inpaint_core.contract.specs import TapPoint
from inpaint_core.networks.tsgl.config import Branch, Config, LamaConfig, TsglConfig

_GUIDES = {"structure": "structure", "residual": "that structure", "texture": "itself"}


def list_taps(config: Config) -> tuple[TapPoint, ...]:
    """The maps of both encoders, of every branch of the guidance, of the balance module if there is
    one or of the Fourier blocks, and of the decoder.

    “residual-k” has the size of the map before stage k.
    """
    if isinstance(config, LamaConfig):
        return tuple(_list_lama_taps(config))
    return tuple(_list_taps(config))


def _list_taps(config: TsglConfig) -> Iterator[TapPoint]:
    width = config.width
    yield TapPoint(
        "texture-0", "Texture at full size", 1, width, "head", part=(0,), on_request=True
    )
    for k in range(5):
        size, stride = f"1/{2 << k}", 2 << k
        yield TapPoint(
            f"structure-{k + 1}", f"Structure at {size}", stride, config.structure_widths[k],
            "structure", part=(k, 0),
        )  # fmt: skip
        yield TapPoint(
            f"texture-{k + 1}", f"Texture at {size}, before it meets structure", stride, width,
            f"stages.{k - 1}" if k else "head", part=(0,) if k else (1,),
        )  # fmt: skip
        yield from _list_guidance(f"guidance.{k}", config.branches, k + 1, stride, stride, width)
    for k, channels in enumerate(config.fusion_widths):
        title = f"Fused map at 1/{2 << k}, before it is balanced"
        yield TapPoint(f"fused-{k + 1}", title, 2 << k, channels, "fusion", part=(k,))
    if config.balance is not None:
        if config.balance.form == "tsgl":
            fused, title = config.balance.fused, "All scales together, equalised"
            yield TapPoint("equalised", title, 8, fused, "balance.equalise")
        for k, channels in enumerate(config.fusion_widths):
            title = f"Balanced map at 1/{2 << k}"
            yield TapPoint(f"balanced-{k + 1}", title, 2 << k, channels, "balance", part=(k,))
    for k, channels in enumerate(config.decoder_widths):
        stride, module = 32 >> k, f"decoder.norms.{k}"
        yield TapPoint(f"decoded-{k + 1}", f"Decoder at 1/{stride}", stride, channels, module)


def _list_lama_taps(config: LamaConfig) -> Iterator[TapPoint]:
    width, (local, glob) = config.width, config.split
    for k, channels in enumerate(config.structure_widths[1:], start=1):
        size, stride = f"1/{1 << k}", 1 << k
        yield TapPoint(
            f"structure-{k}", f"Structure at {size}", stride, channels, f"structure_downs.{k - 1}"
        )
        yield TapPoint(
            f"texture-{k}", f"Texture at {size}, before it meets structure", stride, width,
            f"texture_downs.{k - 1}",
        )  # fmt: skip
        module = f"guidance.{k - 1}"
        yield from _list_guidance(module, config.branches, k, stride, stride // 2, width)
    for part, (name, words, channels) in enumerate(
        (("near", "nearby", local), ("far", "whole image", glob))
    ):
        for k in range(config.blocks):
            title = f"Block {k + 1}, {words}"
            module = f"tail.blocks.{k}"
            yield TapPoint(
                f"{name}-{k + 1}", title, config.multiple, channels, module, part=(part,)
            )
    for k, channels in enumerate(config.decoder_widths):
        stride, module = config.multiple >> k + 1, f"tail.ups.{k}"
        yield TapPoint(f"decoded-{k + 1}", f"Decoder at 1/{stride}", stride, channels, module)


def _list_guidance(
    module: str, branches: Sequence[Branch], stage: int, stride: int, before: int, width: int
) -> Iterator[TapPoint]:
    """The maps of one stage of guidance, whose residual has the stride ``before``."""
    size = f"1/{stride}"
    sides = Counter(branch.side for branch in branches)
    for k, branch in enumerate(branches):
        path = f"{module}.branches.{k}"
        if branch.guide == "residual":
            yield TapPoint(
                f"residual-{stage}", f"Local structure that halving lost, at {size}", before, width,
                path, "input", (1,),
            )  # fmt: skip
        name = branch.side if sides[branch.side] == 1 else f"{branch.guide}-{branch.side}"
        yield TapPoint(
            f"{name}-{stage}",
            f"Texture after {_GUIDES[branch.guide]}, {branch.side} side, at {size}",
            stride, width, path,
        )  # fmt: skip
    yield TapPoint(
        f"rebuilt-{stage}", f"Texture rebuilt, both sides, at {size}", stride, width, module
    )
