"""The feature maps of the network that can be recorded. Needs no torch."""

from __future__ import annotations

from inpaint_core.contract.specs import TapPoint
from inpaint_core.networks.tsgl.config import TsglConfig


def list_taps(config: TsglConfig) -> tuple[TapPoint, ...]:
    """The taps of a network with a balance module; a test compares them with the network itself."""
    texture = config.width
    assert config.balance is not None
    taps = [
        TapPoint(
            "texture-0", "Texture at full size", 1, texture, "head", part=(0,), on_request=True
        )
    ]
    for k in range(5):
        size, stride = f"1/{2 << k}", 2 << k
        taps += [
            TapPoint(
                f"structure-{k + 1}", f"Structure at {size}", stride, config.structure_widths[k],
                "structure", part=(k, 0),
            ),
            TapPoint(
                f"texture-{k + 1}", f"Texture at {size}, before it meets structure", stride,
                texture, f"stages.{k - 1}" if k else "head", part=(0,) if k else (1,),
            ),
            TapPoint(
                f"global-{k + 1}", f"Texture after structure, global side, at {size}", stride,
                texture, f"guidance.{k}.branches.0",
            ),
            TapPoint(
                f"residual-{k + 1}", f"Local structure that halving lost, at {size}", stride,
                texture, f"guidance.{k}.branches.1", "input", (1,),
            ),
            TapPoint(
                f"local-{k + 1}", f"Texture after that structure, local side, at {size}", stride,
                texture, f"guidance.{k}.branches.1",
            ),
            TapPoint(
                f"rebuilt-{k + 1}", f"Texture rebuilt, both sides, at {size}", stride, texture,
                f"guidance.{k}",
            ),
        ]  # fmt: skip
    taps += [
        TapPoint(
            f"fused-{k + 1}", f"Fused map at 1/{2 << k}, before it is balanced", 2 << k,
            config.fusion_widths[k], "fusion", part=(k,),
        )
        for k in range(6)
    ]  # fmt: skip
    fused = config.balance.fused
    taps.append(
        TapPoint("equalised", "All scales together, equalised", 8, fused, "balance.equalise")
    )
    taps += [
        TapPoint(
            f"balanced-{k + 1}", f"Balanced map at 1/{2 << k}", 2 << k, config.fusion_widths[k],
            "balance", part=(k,),
        )
        for k in range(6)
    ]  # fmt: skip
    taps += [
        TapPoint(f"decoded-{k + 1}", f"Decoder at 1/{32 >> k}", 32 >> k, config.decoder_widths[k],
                 f"decoder.norms.{k}")
        for k in range(5)
    ]  # fmt: skip
    return tuple(taps)
