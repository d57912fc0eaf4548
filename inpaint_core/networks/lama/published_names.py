"""The names of LaMa's tensors in the files that its authors published."""

from __future__ import annotations

from collections.abc import Iterator

from inpaint_core.networks.name_map import NameMap

_FFC = {
    "local_to_local": "ffc.convl2l",
    "local_to_global": "ffc.convl2g",
    "global_to_local": "ffc.convg2l",
    "global_to_global.squeeze": "ffc.convg2g.conv1.0",
    "global_to_global.squeeze_norm": "ffc.convg2g.conv1.1",
    "global_to_global.frequency": "ffc.convg2g.fu.conv_layer",
    "global_to_global.frequency_norm": "ffc.convg2g.fu.bn",
    "global_to_global.widen": "ffc.convg2g.conv2",
    "local_norm": "bn_l",
    "global_norm": "bn_g",
}


def list_published_names(blocks: int) -> NameMap:
    """The published name of each layer of `Lama`, from the first index of the published
    sequence on ("1.ffc.convl2l" is the stem's convolution).
    """
    return NameMap(dict(_pairs(blocks)))


def _pairs(blocks: int) -> Iterator[tuple[str, str]]:
    for index, ours in enumerate(("stem", "downs.0", "downs.1", "split.local"), start=1):
        yield f"{ours}.conv", f"{index}.ffc.convl2l"
        yield f"{ours}.norm", f"{index}.bn_l"
    yield "split.glob.conv", "4.ffc.convl2g"
    yield "split.glob.norm", "4.bn_g"
    for block in range(blocks):
        for ours, theirs in (("first", "conv1"), ("second", "conv2")):
            for layer, published in _FFC.items():
                yield f"blocks.{block}.{ours}.{layer}", f"{5 + block}.{theirs}.{published}"
    for up in range(3):
        yield f"ups.{up}.conv", f"{6 + blocks + 3 * up}"
        yield f"ups.{up}.norm", f"{7 + blocks + 3 * up}"
    yield "last", f"{16 + blocks}"
