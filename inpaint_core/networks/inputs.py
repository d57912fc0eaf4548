"""What every network takes and gives, at use and in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inpaint_core.contract.arrays import BoolMask, FloatImage


@dataclass(frozen=True, eq=False)
class NetworkInputs:
    """One batch. Maps are (B, C, H, W); masks, whose names end in “known”, are (B, 1, H, W) float32
    with 1 known, 0 hole.

    ``image`` (C = 3) in [-1, 1]. A network with further inputs has a class of its own, derived from
    this one, in which every field is a tensor or None. Networks never see the values of maps in a
    hole.
    """

    image: Tensor
    known: Tensor

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """The maps moved or converted as by `Tensor.to`; masks change their device only."""
        image = self.image.to(*args, **kwargs)
        moved: dict[str, Any] = {}
        for name, value in self.tensors().items():
            if value is None:
                moved[name] = None
            elif name.endswith("known"):
                moved[name] = value.to(image.device)
            else:
                moved[name] = value.to(*args, **kwargs)
        return replace(self, **{**moved, "image": image})

    def tensors(self) -> dict[str, Tensor | None]:
        """Every field by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, eq=False)
class NetworkOutput:
    """``image`` (B, 3, H, W) in [-1, 1]: the network's own picture, including known pixels."""

    image: Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples to train on: the network's ``inputs``, the ``truth`` (B, 3, H, W) in [-1, 1], and
    ``targets``, further maps (B, C, h, w) that its losses compare with, by name.
    """

    inputs: NetworkInputs
    truth: Tensor
    targets: Mapping[str, Tensor] = field(default_factory=dict)

    def to(self, device: str) -> Batch:
        """The batch on a device, in channels-last order."""
        return Batch(
            self.inputs.to(device).to(memory_format=torch.channels_last),
            self.truth.to(device, memory_format=torch.channels_last),
            {name: target.to(device) for name, target in self.targets.items()},
        )


def join_batches(batches: Sequence[Batch]) -> Batch:
    """Concatenate several batches of one network."""
    first = batches[0]
    columns = zip(*(batch.inputs.tensors().values() for batch in batches), strict=True)
    held = [[value for value in column if value is not None] for column in columns]
    joined = [torch.cat(column) if column else None for column in held]
    values: dict[str, Any] = dict(zip(first.inputs.tensors(), joined, strict=True))
    return Batch(
        replace(first.inputs, **values),
        torch.cat([batch.truth for batch in batches]),
        {name: torch.cat([b.targets[name] for b in batches]) for name in first.targets},
    )


def composite(output: Tensor, inputs: NetworkInputs) -> Tensor:
    """The photo where it is known, the network's picture (B, 3, H, W) elsewhere."""
    return torch.where(inputs.known > 0, inputs.image.to(output.dtype), output)


def prepare_inputs(image: FloatImage, hole: BoolMask) -> NetworkInputs:
    """A batch of one from a photo (h, w, 3) float32 RGB in [0, 1] and its hole (h, w) bool."""
    return NetworkInputs(hide_hole(image, hole), to_tensor((~hole).astype(np.float32)))


def make_photo_sample(truth: FloatImage, hole: BoolMask) -> Batch:
    """A sample to train on, as a batch of one, for a network that sees the photo and its hole."""
    return Batch(prepare_inputs(truth, hole), to_tensor(truth * 2 - 1))


def hide_hole(image: FloatImage, hole: BoolMask) -> Tensor:
    """A photo (h, w, 3) in [0, 1] as (1, 3, h, w) in [-1, 1], 0 in the hole, where it may hold
    anything, even NaN.
    """
    return to_tensor(np.where(hole[..., None], np.float32(0), image * 2 - 1))


def to_tensor(array: NDArray[np.float32]) -> Tensor:
    """(h, w) or (h, w, C) -> (1, C, h, w)."""
    return torch.from_numpy(np.ascontiguousarray(np.atleast_3d(array).transpose(2, 0, 1)[None]))
