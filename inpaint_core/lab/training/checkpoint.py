"""Checkpoints: folders of files small enough to pass on, whole or not there at all."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import torch

from inpaint_core.contract.errors import FileUnreadable

PART = 16 * 2**20
"""Bytes in one file, at most."""
_KEPT = 2


def save(folder: Path, step: int, state: dict[str, Any], part: int = PART) -> Path:
    """Write ``state`` (tensors, numbers, strings in dicts and lists) as the checkpoint of
    ``step`` and return its folder. It appears at once when complete; the two newest are kept.
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
    for old in steps(folder)[:-_KEPT]:
        shutil.rmtree(old)
    return target


def steps(folder: Path) -> list[Path]:
    """The complete checkpoints in ``folder``, oldest first."""
    return sorted(path.parent for path in folder.glob("step-*/index.json"))


def latest(folder: Path) -> dict[str, Any] | None:
    """The state of the newest checkpoint, its tensors on the CPU; None where there is none.

    Raises `FileUnreadable` when a part of it is missing or damaged.
    """
    found = steps(folder)
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
        state: dict[str, Any] = torch.load(
            io.BytesIO(content), map_location="cpu", weights_only=True
        )
    except (OSError, ValueError, KeyError) as error:
        raise FileUnreadable(
            f"The checkpoint “{found[-1].name}” is damaged: {error}.",
            "Remove its folder to go on from the one before.",
        ) from error
    return state
