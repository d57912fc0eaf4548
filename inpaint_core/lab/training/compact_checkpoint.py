"""A checkpoint of a third of the size, to be sent about; training goes on where it fits.

Kept: the running mean in half precision; how far the trained weights are from it, in 8 bits; the
discriminator in half precision; Adam's second moments in 8 bits. Dropped: Adam's first moments,
which with a decay of 0.5 are forgotten after a few steps anyway. Running statistics stay exact.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

OCTAVES = 24
"""Eight bits are a sign and the binary logarithm of the size, over so many octaves below the
largest: an error of 7 % at most wherever a value lies, unlike evenly spaced steps, which would
turn small second moments into 0 and the steps taken by them into leaps."""

_LEVELS = 126
_LARGEST_HALF = 65504.0

State = dict[str, Any]


def pack(values: Tensor) -> dict[str, Tensor]:
    """``values`` (any shape) float32 in 8 bits each: "codes" uint8 of the same shape and the
    "largest" absolute value. 0 stays 0; what is under 2^-24 of the largest becomes just that.
    """
    size = values.abs()
    largest = size.max() if values.numel() else values.new_zeros(())
    level = _LEVELS * (1 + torch.log2(size / largest) / OCTAVES)
    codes = 1 + level.clamp(0, _LEVELS).nan_to_num().round().to(torch.uint8)
    codes = torch.where(values < 0, codes + 128, codes)
    return {"codes": torch.where(values == 0, 0, codes).to(torch.uint8), "largest": largest}


def unpack(packed: dict[str, Tensor]) -> Tensor:
    """What `pack` was given, to 7 %, float32."""
    codes, largest = packed["codes"], packed["largest"]
    level = (codes % 128).float() - 1
    size = largest * torch.exp2((level / _LEVELS - 1) * OCTAVES)
    size = torch.where(codes % 128 == 0, 0.0, size)
    return torch.where(codes >= 128, -size, size)


def compacted(state: State, learned: set[str], judged: set[str]) -> State:
    """The compact form of a checkpoint's ``state``.

    ``learned`` and ``judged``: which entries of the generator's and of the discriminator's state
    are weights; the others are statistics. The generator's and the mean's statistics are equal.
    """
    mean, generator, judge = state["mean"], state["generator"], state["discriminator"]
    held = {name: _half(value) if name in learned else value for name, value in mean.items()}
    away = {name: pack(generator[name] - held[name].float()) for name in learned}
    return {
        **{name: value for name, value in state.items() if name != "generator"},
        "form": "compact",
        "mean": held,
        "away": away,
        "discriminator": {n: _half(v) if n in judged else v for n, v in judge.items()},
        "optimisers": [_without_first(optimiser) for optimiser in state["optimisers"]],
    }


def restored(state: State) -> State:
    """A state as it was before `compacted`, as far as that goes; any other state is returned."""
    if state.get("form") != "compact":
        return state
    mean = {name: _whole(value) for name, value in state["mean"].items()}
    generator = dict(mean)
    for name, packed in state["away"].items():
        generator[name] = mean[name] + unpack(packed)
    return {
        **{name: value for name, value in state.items() if name not in ("form", "away")},
        "mean": mean,
        "generator": generator,
        "discriminator": {name: _whole(value) for name, value in state["discriminator"].items()},
        "optimisers": [_with_first(optimiser) for optimiser in state["optimisers"]],
    }


def _half(weights: Tensor) -> Tensor:
    """Half precision where the values are not too large for it."""
    return weights.half() if bool((weights.abs() <= _LARGEST_HALF).all()) else weights


def _whole(value: Tensor) -> Tensor:
    return value.float() if value.dtype == torch.float16 else value


def _without_first(optimiser: State) -> State:
    moments = {
        number: {"step": held["step"], "root": pack(held["exp_avg_sq"].sqrt())}
        for number, held in optimiser["state"].items()
    }
    return {**optimiser, "state": moments}


def _with_first(optimiser: State) -> State:
    moments = {}
    for number, held in optimiser["state"].items():
        root = unpack(held["root"])
        moments[number] = {
            "step": held["step"], "exp_avg": torch.zeros_like(root), "exp_avg_sq": root.square(),
        }  # fmt: skip
    return {**optimiser, "state": moments}
