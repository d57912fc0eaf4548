"""Tells from the names and shapes of its tensors which network a file holds; never from its name.

The rules are the names that the published programs give to layers which only this network has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Shapes = Mapping[str, tuple[int, ...]]
"""The shape of every tensor of a file by its name."""


@dataclass(frozen=True)
class Recognised:
    """``network``: its name as people know it. ``prefixes``: what stands before the names of its
    tensors in this file, and what it is read as: “” but for one of two networks in a file. What has
    another name belongs to something else (a discriminator, an optimiser).
    """

    network: str
    prefixes: tuple[tuple[str, str], ...]

    def name_tensors(self, names: Iterable[str]) -> dict[str, str]:
        """The network's own name for each tensor, among ``names``, that belongs to it."""
        found = {}
        for name in names:
            for before, read_as in sorted(self.prefixes, key=lambda each: -len(each[0])):
                if name.startswith(before):
                    found[read_as + name.removeprefix(before)] = name
                    break
        return found


@dataclass(frozen=True)
class _Rule:
    """``present``: names, as regular expressions, and the shapes that their tensors have; None
    stands for a side that may vary. The first of them is looked for first, behind a group 1.
    ``read_as``: what is put before the names of the network. ``beside``: a second network that must
    be in the file too, behind a prefix of its own.
    """

    network: str
    present: tuple[tuple[str, tuple[int | None, ...]], ...]
    read_as: str = ""
    beside: _Rule | None = None


_ZITS_PICTURE = (
    (r"middle\.0\.ffc1\.ffc\.convl2l\.weight", (None,) * 4),
    (r"conv4\.weight", (512, 256, 3, 3)),
)

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
        "ZITS (picture)",
        _ZITS_PICTURE,
        "generator.",
        _Rule(
            "ZITS (picture)",
            ((r"rel_pos_emb\.weight", (128, 64)), (r"direct_emb\.weight", (4, 64))),
            "str_encoder.",
        ),
    ),
    _Rule("ZITS (picture, without structure)", _ZITS_PICTURE),
    _Rule(
        "ZITS (lines)",
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
            (r"en_high_1\.conv\.weight", (None, 3, 7, 7)),
        ),
    ),
    _Rule("TSGL-LaMa", ((r"model_high\.1\.ffc\.convl2l\.weight", (None,) * 4),)),
)


def recognise(shapes: Shapes) -> Recognised | None:
    """The network that a file with tensors of these names and shapes holds, or None."""
    for rule in _RULES:
        prefixes = _find_prefixes(rule, shapes)
        if prefixes:
            return Recognised(rule.network, prefixes)
    return None


def _find_prefixes(rule: _Rule, shapes: Shapes) -> tuple[tuple[str, str], ...]:
    """The first prefix where all that the rule asks for is present, and that of what must be there
    too; none where something is missing.
    """
    beside: tuple[tuple[str, str], ...] = ()
    if rule.beside is not None:
        beside = _find_prefixes(rule.beside, shapes)
        if not beside:
            return ()
    (first, first_shape), *others = rule.present
    pattern = re.compile(rf"(|.*\.){first}")
    for name, shape in shapes.items():
        found = pattern.fullmatch(name)
        if found is None or not _fits(shape, first_shape):
            continue
        prefix = found[1]
        if all(_has(shapes, prefix, *other) for other in others):
            return ((prefix, rule.read_as), *beside)
    return ()


def _has(shapes: Shapes, prefix: str, pattern: str, wanted: tuple[int | None, ...]) -> bool:
    expression = re.compile(re.escape(prefix) + pattern)
    return any(expression.fullmatch(n) and _fits(s, wanted) for n, s in shapes.items())


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        side is None or side == real for real, side in zip(shape, wanted, strict=True)
    )
