"""Structure first, then texture from structure, then real texture over it."""

from __future__ import annotations

from typing import Any

from inpaint_core.contract.arrays import Precision
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.specs import GeneratorSpec, SizeRule, TapPoint
from inpaint_core.contract.view import Fill, View

WEIGHTS = "base"

_RING = 8
"""Pixels around the hole in which the network's idea of the photo tells its error of colour."""

_TRUST = 0.3
"""How far the guide is followed, this much, half as much or not at all, is decided for each hole
(`inpaint_core.exemplar.synthesis`).
"""


def _build(device: str, precision: Precision = "auto") -> Any:
    from inpaint_core.networks.tsgl.inference import Painter

    return Painter.of(WEIGHTS, device, precision)


def _run(net: Any, view: View, progress: Progress) -> Fill:
    progress.report(0, "Completing structure and texture")
    picture, edges = net.paint(view, edges="edges" in view.want)
    return Fill(picture, _RING, products={} if edges is None else {"edges": edges})


def _taps() -> tuple[TapPoint, ...]:
    """What can be looked at in the network `BASE`; a test holds this to the network itself."""
    structure, texture = (32, 64, 128, 192, 256), 72
    balanced = (32, 64, 96, 128, 128, 128)
    decoded = (128, 128, 96, 64, 32)
    taps = []
    for k in range(5):
        size, stride = f"1/{2 << k}", 2 << k
        taps += [
            TapPoint(
                f"structure-{k + 1}", f"Structure at {size}", stride, structure[k],
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
    taps.append(TapPoint("equalised", "All scales together, equalised", 8, 128, "balance.equalise"))
    taps += [
        TapPoint(
            f"balanced-{k + 1}", f"Balanced map at 1/{2 << k}", 2 << k, balanced[k],
            "balance", part=(k,),
        )
        for k in range(6)
    ]  # fmt: skip
    taps += [
        TapPoint(f"decoded-{k + 1}", f"Decoder at 1/{32 >> k}", 32 >> k, decoded[k],
                 f"decoder.norms.{k}")
        for k in range(5)
    ]  # fmt: skip
    return tuple(taps)


SPEC = GeneratorSpec(
    id="tsgl",
    title="Structure and texture (TSGL)",
    summary="Completes edges, rebuilds texture from them, and copies matching texture over it.",
    build=_build,
    build_in=_build,
    run=_run,
    paper="“Thinking inside the convolution for image inpainting: reconstructing texture via"
    " structure under global and local side” (TSGL)",
    size=SizeRule(max_side=512, multiple=64, first_side=256),
    native_stage=True,
    trust=_TRUST,
    uses_torch=True,
    products=("edges",),
    priors=("canny", "grey"),
    taps=_taps(),
    weights=WEIGHTS,
)
