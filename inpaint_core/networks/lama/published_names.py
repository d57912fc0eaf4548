"""The names of LaMa's tensors in the files that its authors published."""

from __future__ import annotations

from collections.abc import Iterator

from inpaint_core.networks.name_map import NameMap, list_fourier_names


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
        yield from list_fourier_names(f"blocks.{block}", f"{5 + block}")
    for up in range(3):
        yield f"ups.{up}.conv", f"{6 + blocks + 3 * up}"
        yield f"ups.{up}.norm", f"{7 + blocks + 3 * up}"
    yield "last", f"{16 + blocks}"
