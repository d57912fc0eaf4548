"""Tells from the names and shapes of its tensors which network a file holds; never from its name.

The rules are the names that the published programs give to layers which only this network has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Shapes = Mapping[str, tuple[int, ...]]
"""The shape of every tensor of a file by its name."""


@dataclass(frozen=True)
class Recognised:
    """``network``: its name as people know it. ``prefix``: what stands before the names of its
    tensors in this file; what has another name belongs to something else (a discriminator, an
    optimiser).
    """

    network: str
    prefix: str


@dataclass(frozen=True)
class _Rule:
    """``present``: names, as regular expressions, and the shapes that their tensors have; None
    stands for a side that may vary. The first of them is looked for first, behind a group 1.
    """

    network: str
    present: tuple[tuple[str, tuple[int | None, ...]], ...]


_RULES = (
    _Rule(
        "LaMa",
        (
            (r"model\.1\.ffc\.convl2l\.weight", (64, 4, 7, 7)),
            (r"model\.4\.ffc\.convl2g\.weight", (384, 256, 3, 3)),
        ),
    ),
    _Rule("MAT", ((r"synthesis\.first_stage\.conv_first\.conv\.resample_filter", (None, None)),)),
    _Rule(
        "MI-GAN",
        (
            (r"synthesis\.b4\.conv1\.conv1\.weight", (None,) * 4),
            (r"encoder\.b4\.conv1\.conv1\.weight", (None,) * 4),
        ),
    ),
    _Rule(
        "ZITS (structure)",
        (
            (r"pos_emb", (1, 1024, 256)),
            (r"blocks\.0\.row_rel_pos_bias\.weight", (8, 63)),
            (r"conv1\.weight", (64, 6, 7, 7)),
        ),
    ),
    _Rule("ZITS++ (structure)", ((r"pos_emb", (1, 1024, 256)), (r"conv1\.weight", (64, 5, 7, 7)))),
    _Rule(
        "ZITS (upsampler)",
        ((r"convs\.1\.weight", (64, 1, 7, 7)), (r"out\.0\.weight", (32, 1, 4, 4))),
    ),
    _Rule(
        "ZITS (texture)",
        (
            (r"rel_pos_emb\.weight", (128, 64)),
            (r"middle\.0\.ffc1\.ffc\.convl2l\.weight", (None,) * 4),
        ),
    ),
    _Rule(
        "ZITS (wireframe)",
        ((r"backbone\.hg\.0\.hg\.0\.0\.0\.bn1\.weight", (None,)), (r"tspan", (1, 1, 32))),
    ),
    _Rule(
        "DMFN",
        (
            (r"encoder\.0\.conv\.weight", (None, 4, 5, 5)),
            (r"blocks\.7\.c2\.weight", (None,) * 4),
        ),
    ),
    _Rule("PConv U-Net", ((r"enc_1\.conv\.input_conv\.weight", (None, 3, 7, 7)),)),
    _Rule(
        "PConv U-Net (Keras)",
        (
            (r"(p_conv2d(_\d+)?)\.\2\.img_kernel", (7, 7, 3, None)),
            (r"EncBN1\.EncBN1\.gamma", (None,)),
            (r"outputs_img\.outputs_img\.kernel", (1, 1, 3, 3)),
        ),
    ),
    _Rule(
        "TSGL (256)",
        (
            (r"h2l_1\.conv_0\.weight_orig", (None,) * 4),
            (r"en_high_1\.conv\.\d+\.weight", (None,) * 4),
        ),
    ),
    _Rule("TSGL-LaMa", ((r"model_high\.1\.ffc\.convl2l\.weight", (None,) * 4),)),
)


def recognise(shapes: Shapes) -> Recognised | None:
    """The network that a file with tensors of these names and shapes holds, or None."""
    return next((found for rule in _RULES for found in _find_prefixes(rule, shapes)), None)


def _find_prefixes(rule: _Rule, shapes: Shapes) -> Iterator[Recognised]:
    """The rule's network at each prefix where all that the rule asks for is present."""
    (first, first_shape), *others = rule.present
    pattern = re.compile(rf"(|.*\.){first}")
    for name, shape in shapes.items():
        found = pattern.fullmatch(name)
        if found is None or not _fits(shape, first_shape):
            continue
        prefix = found[1]
        if all(_has(shapes, prefix, *other) for other in others):
            yield Recognised(rule.network, prefix)


def _has(shapes: Shapes, prefix: str, pattern: str, wanted: tuple[int | None, ...]) -> bool:
    expression = re.compile(re.escape(prefix) + pattern)
    return any(expression.fullmatch(n) and _fits(s, wanted) for n, s in shapes.items())


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        side is None or side == real for real, side in zip(shape, wanted, strict=True)
    )
