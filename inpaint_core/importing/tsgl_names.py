"""The names of the tensors in the files that TSGL's authors publish of the 256 network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inpaint_core.importing.tsgl_lama_names import list_guidance
from inpaint_core.networks.name_map import Array, Dropped, NameMap, Source
from inpaint_core.networks.tsgl.config import TsglConfig

_ATTENTION = {
    "query": "attn.q",
    "key": "attn.k",
    "value": "attn.v",
    "project": "attn.proj",
    "fuse": "fuse",
    "expand": "mlp.fc1",
    "contract": "mlp.fc2",
}
_BALANCE = {
    "early.0.0.0": "down_128.model.0",
    "early.0.1.0": "down_128.model.3",
    "early.1.0": "down_64.model.0",
    "early.2.0": "down_32.model.0",
    "late.0": "up.conv",
    "reduce.0": "down.model.0",
    "join.0": "fuse.model.0",
    "equalise.gate.squeeze": "base.model.0.fc.0",
    "equalise.gate.excite": "base.model.0.fc.2",
    "equalise.merge": "base.down.0",
    "back.0": "up_128.conv",
    "back.1": "up_64.conv",
    "back.2": "up_32.conv",
    "back.3.0": "down_16.model.0",
    "back.4.0.0": "down_8.model.0",
    "back.4.1.0": "down_8.model.3",
    "back.5.0.0": "down_4.model.0",
    "back.5.1.0": "down_4.model.3",
    "back.5.2.0": "down_4.model.6",
}
_REFINE = {0: "conv1", 1: "bn1", 3: "conv2", 4: "bn2"}
_TAPS = np.array([1, 3, 3, 1], np.float32) / 8


def list_tsgl_names(config: TsglConfig) -> NameMap:
    """Where each tensor of `Tsgl` lies, as it is released. Files hold masks of attention and the
    filters of resampling too, which are built in here.
    """
    layers = dict(_list_layers(config))
    tensors: dict[str, Source] = {}
    for k in range(5):
        more, made = list_guidance(f"guidance.{k}", f"h2l_{k + 1}")
        layers |= more
        tensors |= made
    if config.balance is not None:
        for stream, kernel in enumerate(config.balance.kernels):
            for k in range(config.balance.depth):
                ours, theirs = f"balance.streams.{stream}", f"pc_block.cov_{kernel}.{k}"
                layers[f"{ours}.convs.{k}.conv"] = f"{theirs}.conv.input_conv"
                layers[f"{ours}.norms.{k}"] = f"{theirs}.bn"
                source = Source((f"{theirs}.conv.mask_conv.weight",), _add_inputs)
                tensors[f"{ours}.convs.{k}.divisor"] = source
    dropped = Dropped(r".*\.attn_mask"), Dropped(r".*\.resample_filter", _is_filter)
    return NameMap(layers, tensors, dropped)


def _list_layers(config: TsglConfig) -> Iterator[tuple[str, str]]:
    for k in range(5):
        yield f"structure.convs.{k}.conv", f"en_high_{k + 1}.conv"
        yield f"fusion.heads.{k}", f"en_fusion_{k + 1}.0"
        if k > 0:
            yield f"structure.norms.{k - 1}", f"en_high_{k + 1}.bn"
        yield f"decoder.norms.{k}", f"Decoder_{k + 1}.model.2"
    for k in range(6):
        yield f"decoder.ups.{k}", f"Decoder_{k + 1}.model.1"
    yield "fusion.last", "en_fusion_6.0"
    yield "head.first", "en_low_1_f.conv"
    yield "head.second", "en_low_1_s.conv"
    for stage, depth in enumerate(config.depths):
        ours, theirs = f"stages.{stage}", f"en_low_{stage + 2}"
        yield f"{ours}.merge", f"{theirs}.downsample.conv.conv"
        yield f"{ours}.conv", f"{theirs}.conv.conv"
        for k in range(depth):
            for layer, published in _ATTENTION.items():
                yield f"{ours}.blocks.{k}.{layer}", f"{theirs}.blocks.{k}.{published}"
    for ours, theirs in _BALANCE.items():
        yield f"balance.{ours}", f"pc_block.{theirs}"
    for k in range(2):
        yield f"edge_decoder.downs.{k}.conv.conv", f"en_high_{k + 6}.conv"
        yield f"edge_decoder.downs.{k}.norm", f"en_high_{k + 6}.bn"
    for k in range(7):
        yield f"edge_decoder.ups.{k}.conv.conv", f"de_high_{7 - k}.conv"
        yield f"edge_decoder.ups.{k}.norm", f"de_high_{7 - k}.bn"
    for number, theirs in _REFINE.items():
        yield f"edge_decoder.refine.{number}", f"de_high_0.structure_resolver.{theirs}"
    yield "edge_decoder.last", "de_high_0.out_layer.0"


def _add_inputs(kernel: Array) -> Array:
    return np.asarray(kernel.sum(axis=1, keepdims=True))


def _is_filter(value: Array) -> bool:
    wanted = np.outer(_TAPS, _TAPS)
    return value.shape == wanted.shape and bool(np.allclose(value, wanted, rtol=1e-4))
