"""The names of MI-GAN's tensors in the files that its authors published."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inpaint_core.networks.migan.config import MiganConfig
from inpaint_core.networks.name_map import Array, Dropped, NameMap, Source

_TAPS = np.array([1, 3, 3, 1], np.float32) / 8


def list_published_names(config: MiganConfig) -> NameMap:
    """Where each tensor of `Migan` lies. The filters that halve and double are built in here; files
    hold them, and the lattice of zeros in one of two forms.
    """
    return NameMap(
        dict(_list_layers(config)),
        dict(_list_noise(config)),
        (
            Dropped(r".*\.downsample\.filter\.weight", lambda value: _is_filter(value, 1)),
            Dropped(r".*\.upsample\.filter\.weight", lambda value: _is_filter(value, 4)),
            Dropped(r".*\.upsample\.(filter_const|insert_zeros\.weight)", _is_lattice),
        ),
    )


def _list_layers(config: MiganConfig) -> Iterator[tuple[str, str]]:
    count = len(config.sides)
    yield "start", f"encoder.b{config.side}.fromrgb"
    for k, side in enumerate(config.sides):
        block, up = f"encoder.{k}", f"decoder.{count - 1 - k}"
        yield f"{up}.picture", f"synthesis.b{side}.torgb"
        for ours, theirs in (
            (f"{block}.stay", f"encoder.b{side}.conv1"),
            (f"{block}.down", f"encoder.b{side}.conv2"),
            (f"{up}.up", f"synthesis.b{side}.conv1"),
            (f"{up}.stay", f"synthesis.b{side}.conv2"),
        ):
            yield f"{ours}.each", f"{theirs}.conv1"
            yield f"{ours}.mix", f"{theirs}.conv2"


def _list_noise(config: MiganConfig) -> Iterator[tuple[str, Source]]:
    for k, side in enumerate(config.sides[-2::-1], start=1):
        for ours, theirs in (("up", "conv1"), ("stay", "conv2")):
            noise, published = f"decoder.{k}.{ours}.noise", f"synthesis.b{side}.{theirs}"
            yield f"{noise}.picture", Source((f"{published}.noise_const",))
            yield f"{noise}.strength", Source((f"{published}.noise_strength",))


def _is_filter(value: Array, gain: float) -> bool:
    wanted = np.outer(_TAPS, _TAPS) * gain
    return value.shape[1:] == (1, 4, 4) and bool(np.allclose(value, wanted, rtol=1e-5))


def _is_lattice(value: Array) -> bool:
    """1 at every second pixel of every second row, 0 elsewhere."""
    wanted = np.zeros_like(value)
    wanted[..., ::2, ::2] = 1
    return value.ndim == 4 and bool((value == wanted).all())
