"""The names of the tensors in the four files that ZITS is published in.

The picture's file holds two networks; here their names begin with “generator.” and “str_encoder.”.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inpaint_core.networks.name_map import (
    Array,
    Dropped,
    NameMap,
    Source,
    list_fourier_names,
)
from inpaint_core.networks.zits.config import ZitsConfig

_STACKS, _LEVELS, _HEADS, _JUDGES = 2, 4, 5, 3  # of the detector
_POINTS, _GROUPS = 32, 8  # along a line
_DISTANCES = 128

_AXIAL = {
    "row_norm": "rln1",
    "column_norm": "cln1",
    "last_norm": "ln2",
    "widen": "ff.0",
    "narrow": "ff.2",
}
_FULL = {"norm": "ln1", "last_norm": "ln2", "widen": "mlp.0", "narrow": "mlp.2"}


def list_transformer_names(config: ZitsConfig) -> NameMap:
    """Where each tensor of the structure's transformer lies. Files hold masks of attention, too,
    which nothing uses.
    """
    layers, tensors = {}, {"transformer.places": Source(("pos_emb",))}
    for ours, theirs in (("stem", "conv1"), ("norm", "ln_f"), ("head", "convt4")):
        layers[f"transformer.{ours}"] = theirs
    for k in range(3):
        layers[f"transformer.downs.{k}"] = f"conv{k + 2}"
        layers[f"transformer.ups.{k}"] = f"convt{k + 1}"
    for k in range(config.layers):
        block, published = f"transformer.blocks.{k}", f"blocks.{k}"
        is_axial = k % 2 == 0
        for ours, theirs in (_AXIAL if is_axial else _FULL).items():
            layers[f"{block}.{ours}"] = f"{published}.{theirs}"
        attentions = (("rows", "attn_row"), ("columns", "attn_col"))
        for ours, theirs in attentions if is_axial else (("attention", "attn"),):
            for each in ("query", "key", "value"):
                layers[f"{block}.{ours}.{each}"] = f"{published}.{theirs}.{each}"
            layers[f"{block}.{ours}.project"] = f"{published}.{theirs}.proj"
        if is_axial:
            for ours, theirs in (("row_bias", "row"), ("column_bias", "col")):
                source = Source((f"{published}.{theirs}_rel_pos_bias.weight",))
                tensors[f"{block}.{ours}"] = source
    return NameMap(layers, tensors, (Dropped(r"blocks\.\d+\.attn\.mask"),))


def list_upsampler_names() -> NameMap:
    """Where each tensor of the upsampler of structure lies."""
    convs = {f"upsampler.convs.{k}": f"convs.{2 * k + 1}" for k in range(3)}
    back = {f"upsampler.back.{k}": f"out.{2 * k}" for k in range(2)}
    return NameMap({**convs, "upsampler.last": "convs.7", **back})


def list_picture_names(config: ZitsConfig) -> NameMap:
    """Where each tensor of the picture's network and of the encoder of structure lies. Files hold
    the table of waves, which is built in here.
    """
    of = "str_encoder"
    alphas = Source(tuple(f"{of}.alpha{k}" for k in (4, 3, 2, 1)), _line_up)
    tensors = {"alphas": alphas, "positions.directions": Source((f"{of}.direct_emb.weight",))}
    for ours, number in (("distance_alpha", 5), ("direction_alpha", 6)):
        tensors[f"positions.{ours}"] = Source((f"{of}.alpha{number}",))
    layers = dict(_list_encoder(config))
    layers |= {"picture.stem": "generator.conv1", "picture.last": "generator.convt4"}
    for k in range(3):
        layers[f"picture.downs.{k}"] = f"generator.conv{k + 2}"
        layers[f"picture.ups.{k}.conv"] = f"generator.convt{k + 1}"
        layers[f"picture.ups.{k}.norm"] = f"generator.bnt{k + 1}"
    for k in range(4):
        layers[f"picture.norms.{k}"] = f"generator.bn{k + 1}"
    for k in range(config.blocks):
        names = list_fourier_names(f"picture.blocks.{k}", f"generator.middle.{k}", ("ffc1", "ffc2"))
        layers |= dict(names)
    return NameMap(layers, tensors, (Dropped(rf"{of}\.rel_pos_emb\.weight", _are_waves),))


def list_detector_names() -> NameMap:
    """Where each tensor of the detector of lines lies. Files hold the places of the points at which
    it samples a line, which are built in here.
    """
    judge = Source(("fc2.0.weight",), _turn_round)
    return NameMap(dict(_list_detector()), {"detector.judge.0.weight": judge}, (_SPREAD,))


def _list_encoder(config: ZitsConfig) -> Iterator[tuple[str, str]]:
    for k in range(4):
        gated = k < 2
        conv, published = f"encoder.downs.{k}.conv", f"str_encoder.conv{k + 1}"
        yield (f"{conv}.conv", f"{published}.gate_conv") if gated else (conv, published)
        yield f"encoder.downs.{k}.norm", f"str_encoder.bn{k + 1}"
    for k in range(config.encoder_blocks):
        block, published = f"encoder.blocks.{k}", f"str_encoder.middle.{k}"
        for number, ours in enumerate(("far", "near"), start=1):
            yield f"{block}.{ours}", f"{published}.conv{number}.1"
            yield f"{block}.{ours}_norm", f"{published}.bn{number}"
    for k in range(3):
        yield f"encoder.ups.{k}.conv.conv", f"str_encoder.convt{k + 1}.gate_conv"
        yield f"encoder.ups.{k}.norm", f"str_encoder.bnt{k + 1}"


def _list_detector() -> Iterator[tuple[str, str]]:
    ours, theirs = "detector.backbone", "backbone"
    yield f"{ours}.stem", f"{theirs}.conv1"
    yield f"{ours}.stem_norm", f"{theirs}.bn1"
    for k in range(3):
        yield from _list_unit(f"{ours}.layers.{k}", f"{theirs}.layer{k + 1}.0")
    for stack in range(_STACKS):
        glass, published = f"{ours}.hourglasses.{stack}", f"{theirs}.hg.{stack}.hg"
        for level in range(_LEVELS):
            for number, place in enumerate(("beside", "before", "after")):
                inner = f"{published}.{_LEVELS - 1 - level}.{number}.0"
                yield from _list_unit(f"{glass}.{place}.{level}", inner)
        yield from _list_unit(f"{glass}.inmost", f"{published}.0.3.0")
        yield from _list_unit(f"{ours}.units.{stack}", f"{theirs}.res.{stack}.0")
        yield f"{ours}.mixes.{stack}", f"{theirs}.fc.{stack}.0"
        yield f"{ours}.mix_norms.{stack}", f"{theirs}.fc.{stack}.1"
        for head in range(_HEADS):
            for number, part in ((0, "wide"), (2, "narrow")):
                published = f"{theirs}.score.{stack}.heads.{head}.{number}"
                yield f"{ours}.heads.{stack}.{part}.{head}", published
    yield f"{ours}.from_mix", f"{theirs}.fc_.0"
    yield f"{ours}.from_heads", f"{theirs}.score_.0"
    yield "detector.describe", "fc1"
    for k in range(_JUDGES):
        yield f"detector.judge.{k}", f"fc2.{2 * k}"


def _list_unit(ours: str, theirs: str) -> Iterator[tuple[str, str]]:
    for k in range(3):
        yield f"{ours}.norms.{k}", f"{theirs}.bn{k + 1}"
        yield f"{ours}.convs.{k}", f"{theirs}.conv{k + 1}"
    yield f"{ours}.widen", f"{theirs}.downsample.0"


def _line_up(*values: Array) -> Array:
    return np.concatenate([value.reshape(-1) for value in values])


def _are_waves(value: Array) -> bool:
    """Whether these are the sines and cosines of the masking positional encoding."""
    if value.ndim != 2 or value.shape[1] % 2:
        return False
    count, channels = value.shape
    pace = 10_000.0 ** (2 * np.arange(channels // 2) / channels)
    angle = np.arange(count)[:, None] / pace
    waves = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    return count == _DISTANCES and bool(np.allclose(value, waves, atol=1e-3))


def _turn_round(weight: Array) -> Array:
    """The judge's first layer for what lies along a line from its first end to its second: it is
    published for the other way round.
    """
    groups = weight.reshape(len(weight), -1, _GROUPS)[..., ::-1]
    return np.ascontiguousarray(groups).reshape(weight.shape)


def _is_spread(value: Array) -> bool:
    return value.size == _POINTS and bool(np.allclose(value.ravel(), np.linspace(0, 1, _POINTS)))


_SPREAD = Dropped("tspan", _is_spread)
