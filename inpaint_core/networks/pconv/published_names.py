"""The names of the tensors in files of two published versions of the network.

Both divide by another known share than ours, which is 1 where everything is known: the first by the
number of known values, the second by that number over the window's pixels. The factor between is in
the weights here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from inpaint_core.networks.name_map import Array, Dropped, NameMap, Source, hold_ones
from inpaint_core.networks.pconv.config import PconvConfig

_EPSILON = 1e-3 - 1e-5
"""What Keras adds to a variance more than torch."""


def list_torch_names(config: PconvConfig) -> NameMap:
    """Where each tensor of `PconvUnet` lies in files of the version for torch."""
    levels = len(config.widths)
    layers = {f"encoder.{k}.norm": f"enc_{k + 1}.bn" for k in range(levels)}
    layers |= {f"decoder.{levels - k}.norm": f"dec_{k}.bn" for k in range(1, levels + 1)}
    last = f"decoder.{levels - 1}.conv"
    tensors = {f"{last}.bias": Source(("dec_1.conv.input_conv.bias",))}
    for ours, theirs in (
        *((f"encoder.{k}", f"enc_{k + 1}") for k in range(levels)),
        *((f"decoder.{levels - k}", f"dec_{k}") for k in range(1, levels + 1)),
    ):
        published = (f"{theirs}.conv.input_conv.weight",)
        tensors[f"{ours}.conv.conv.weight"] = Source(published, _share_all)
    return NameMap(layers, tensors, (Dropped(r".*\.mask_conv\.weight", hold_ones),))


def list_keras_names(config: PconvConfig, names: Iterable[str]) -> NameMap:
    """Where each tensor of `PconvUnet` lies in files of the version for Keras that hold ``names``.

    Keras numbers layers by the order in which a session made them, so only that order counts.
    """
    names = sorted(names)
    convs = _sort_layers(names, r"p_conv2d(?:_(\d+))?", "img_kernel")
    norms = _sort_layers(names, r"batch_normalization(?:_(\d+))?", "gamma")
    levels = len(config.widths)
    if (len(convs), len(norms)) != (2 * levels, levels - 1):
        convs, norms = ["p_conv2d"] * 2 * levels, ["batch_normalization"] * (levels - 1)
    tensors = {
        "encoder.0.conv.bias": Source((f"{convs[0]}.bias",)),
        f"decoder.{levels - 1}.conv.bias": Source((f"{convs[-1]}.bias",)),
        "last.weight": Source((_find(names, "outputs_img", "kernel"),), _turn),
        "last.bias": Source((_find(names, "outputs_img", "bias"),)),
    }
    widths = (3, *config.widths)
    for k in range(levels):
        up, n = levels + k, levels - 1 - k
        tensors[f"encoder.{k}.conv.conv.weight"] = Source((f"{convs[k]}.img_kernel",), _turn_shared)
        tensors[f"decoder.{k}.conv.conv.weight"] = Source(
            (f"{convs[up]}.img_kernel",), _Reordered(widths[n])
        )
        if k > 0:
            batch = _find(names, f"EncBN{k}", "gamma").removesuffix(".gamma")
            tensors |= dict(_list_norm(f"encoder.{k}.norm", batch, convs[k]))
        if k < levels - 1:
            tensors |= dict(_list_norm(f"decoder.{k}.norm", norms[k], convs[up]))
    return NameMap({}, tensors, (Dropped(r".*kernel_mask", hold_ones),))


class _Reordered:
    """The weights of a convolution whose first ``skip`` channels of input are our last ones."""

    def __init__(self, skip: int) -> None:
        self._skip = skip

    def __call__(self, kernel: Array) -> Array:
        weight = _turn_shared(kernel)
        return np.concatenate([weight[:, self._skip :], weight[:, : self._skip]], axis=1)


def _list_norm(ours: str, batch: str, conv: str) -> Iterator[tuple[str, Source]]:
    """A batch norm behind a convolution with a bias, which is in the mean here."""
    yield f"{ours}.weight", Source((f"{batch}.gamma",))
    yield f"{ours}.bias", Source((f"{batch}.beta",))
    yield f"{ours}.running_mean", Source((f"{batch}.moving_mean", f"{conv}.bias"), np.subtract)
    yield f"{ours}.running_var", Source((f"{batch}.moving_variance",), lambda v: v + _EPSILON)


def _sort_layers(names: list[str], layer: str, last: str) -> list[str]:
    found = [re.fullmatch(rf"((?:.*\.)?{layer})\.{last}", name) for name in names]
    numbered = [(int(each[2] or 0), each[1]) for each in found if each is not None]
    return [path for _, path in sorted(numbered)]


def _find(names: list[str], layer: str, last: str) -> str:
    """The tensor ``last`` of a layer, whose name Keras repeats."""
    end = f"{layer}.{layer}.{last}"
    return next((name for name in names if name.endswith(end)), end)


def _share_all(weight: Array) -> Array:
    return np.asarray(weight / weight[0].size)


def _turn(kernel: Array) -> Array:
    """From Keras's order of axes (height, width, inputs, outputs) to torch's."""
    return kernel.transpose(3, 2, 0, 1)


def _turn_shared(kernel: Array) -> Array:
    weight = _turn(kernel)
    return np.asarray(weight / weight.shape[1])
