"""Checkpoints: folders of files small enough to send, complete or absent.

The compact form has a third of the size, and training continues almost the same. Kept: the running
mean in half precision; the trained weights' distance from it in 8 bits; the discriminator in half
precision; Adam's second moments in 8 bits. Dropped: Adam's first moments, which with a decay of 0.5
are forgotten after a few steps anyway. Running statistics stay exact.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from inpaint_core.contract.errors import FileUnreadable, WeightsUnavailable
from inpaint_core.networks.checkpoint.stored_tensor import StoredTensor
from inpaint_core.networks.checkpoint.torch_zip import TorchZip

PART_BYTES = 16 * 2**20
"""Most bytes in one file."""
_KEPT = 2

OCTAVES = 24
"""Eight bits hold a sign and the binary logarithm of the magnitude over this many octaves below the
largest: an error of at most 7 % for any value. Evenly spaced levels would turn small second moments
into 0 and the steps divided by them into leaps."""

_LEVELS = 126
_LARGEST_HALF = 65504.0

State = dict[str, Any]


def save_checkpoint(folder: Path, step: int, state: State, part: int = PART_BYTES) -> Path:
    """Write ``state`` (tensors, numbers, strings in dicts and lists) as the checkpoint of ``step``
    and return its folder. It appears atomically; the two newest are kept.
    """
    stream = io.BytesIO()
    torch.save(state, stream)
    content = stream.getbuffer()
    target = folder / f"step-{step:08d}"
    partial = folder / f".{target.name}.part"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    sums = []
    for number, start in enumerate(range(0, len(content), part)):
        piece = content[start : start + part]
        (partial / f"{number:04d}.bin").write_bytes(piece)
        sums.append(hashlib.sha256(piece).hexdigest())
    index = json.dumps({"format": 1, "step": step, "sha256": sums}, indent=1)
    (partial / "index.json").write_text(index, encoding="utf-8")
    if target.exists():
        shutil.rmtree(target)
    partial.rename(target)
    for old in list_checkpoints(folder)[:-_KEPT]:
        shutil.rmtree(old)
    return target


def list_checkpoints(folder: Path) -> list[Path]:
    """The complete checkpoints in ``folder``, oldest first."""
    return sorted(path.parent for path in folder.glob("step-*/index.json"))


def load_latest(folder: Path) -> State | None:
    """The state of the newest checkpoint with its tensors on the CPU; None if there is none.

    Raises `FileUnreadable` when a part of it is missing or damaged.
    """
    found = list_checkpoints(folder)
    if not found:
        return None
    try:
        index = json.loads((found[-1] / "index.json").read_text(encoding="utf-8"))
        content = b""
        for number, wanted in enumerate(index["sha256"]):
            piece = (found[-1] / f"{number:04d}.bin").read_bytes()
            if hashlib.sha256(piece).hexdigest() != wanted:
                raise ValueError(f"part {number} has changed")
            content += piece
        state: State = _to_tensors(TorchZip(io.BytesIO(content)).value)
        if not isinstance(state, dict):
            raise ValueError("no state")
    except (OSError, ValueError, KeyError, TypeError, RecursionError, WeightsUnavailable) as error:
        raise FileUnreadable("lab.checkpoint_damaged", name=found[-1].name, reason=error) from error
    return state


def _to_tensors(value: Any) -> Any:
    """``value`` with its tensors read, in the order of axes in memory that they had: sums, and so
    the last bits of what is trained, depend on it.
    """
    if isinstance(value, StoredTensor):
        dtype = getattr(torch, value.dtype)
        made = torch.empty_strided(value.shape, value.strides, dtype=dtype)
        return made.copy_(torch.from_numpy(value.read()))
    if isinstance(value, dict):
        return {key: _to_tensors(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_to_tensors(child) for child in value)
    return value


def pack_tensor(values: Tensor) -> dict[str, Tensor]:
    """``values`` (any shape) float32 in 8 bits each: "codes" uint8 of the same shape and the
    "largest" absolute value. 0 stays 0; anything below 2^-24 of the largest becomes that.
    """
    size = values.abs()
    largest = size.max() if values.numel() else values.new_zeros(())
    level = _LEVELS * (1 + torch.log2(size / largest) / OCTAVES)
    codes = 1 + level.clamp(0, _LEVELS).nan_to_num().round().to(torch.uint8)
    codes = torch.where(values < 0, codes + 128, codes)
    return {"codes": torch.where(values == 0, 0, codes).to(torch.uint8), "largest": largest}


def unpack_tensor(packed: dict[str, Tensor]) -> Tensor:
    """The values that `pack_tensor` was given, to 7 %, float32."""
    codes, largest = packed["codes"], packed["largest"]
    level = (codes % 128).float() - 1
    size = largest * torch.exp2((level / _LEVELS - 1) * OCTAVES)
    size = torch.where(codes % 128 == 0, 0.0, size)
    return torch.where(codes >= 128, -size, size)


def compact_state(state: State, learned: set[str], judged: set[str]) -> State:
    """The compact form of a checkpoint's ``state``.

    ``learned`` and ``judged``: the entries of the generator's and of the discriminator's state that
    are weights; the others are statistics. The generator's and the mean's statistics are equal.
    """
    mean, generator, judge = state["mean"], state["generator"], state["discriminator"]
    held = {name: _to_half(value) if name in learned else value for name, value in mean.items()}
    away = {name: pack_tensor(generator[name] - held[name].float()) for name in learned}
    return {
        **{name: value for name, value in state.items() if name != "generator"},
        "form": "compact",
        "mean": held,
        "away": away,
        "discriminator": {n: _to_half(v) if n in judged else v for n, v in judge.items()},
        "optimisers": [_drop_first_moments(optimiser) for optimiser in state["optimisers"]],
    }


def restore_state(state: State) -> State:
    """The state from before `compact_state`, to its precision; other states are returned as is."""
    if state.get("form") != "compact":
        return state
    mean = {name: _to_float(value) for name, value in state["mean"].items()}
    generator = dict(mean)
    for name, packed in state["away"].items():
        generator[name] = mean[name] + unpack_tensor(packed)
    return {
        **{name: value for name, value in state.items() if name not in ("form", "away")},
        "mean": mean,
        "generator": generator,
        "discriminator": {name: _to_float(value) for name, value in state["discriminator"].items()},
        "optimisers": [_restore_first_moments(optimiser) for optimiser in state["optimisers"]],
    }


def _to_half(weights: Tensor) -> Tensor:
    """Half precision unless a value is too large for it."""
    return weights.half() if bool((weights.abs() <= _LARGEST_HALF).all()) else weights


def _to_float(value: Tensor) -> Tensor:
    return value.float() if value.dtype == torch.float16 else value


def _drop_first_moments(optimiser: State) -> State:
    moments = {
        number: {"step": held["step"], "root": pack_tensor(held["exp_avg_sq"].sqrt())}
        for number, held in optimiser["state"].items()
    }
    return {**optimiser, "state": moments}


def _restore_first_moments(optimiser: State) -> State:
    moments = {}
    for number, held in optimiser["state"].items():
        root = unpack_tensor(held["root"])
        moments[number] = {
            "step": held["step"], "exp_avg": torch.zeros_like(root), "exp_avg_sq": root.square(),
        }  # fmt: skip
    return {**optimiser, "state": moments}
