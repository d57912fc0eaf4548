"""Where other programs keep the weights that they fetch. Nothing is read here but folders."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

WEIGHTS_SUFFIXES = frozenset(
    {".safetensors", ".pt", ".pth", ".ckpt", ".bin", ".pkl", ".onnx", ".h5", ".zip"}
)
"""How names of weights files end; some of them cannot be imported, and reading says why."""

_LEAST = 1 << 20  # bytes: no network that fills photos is smaller
_HUB = Path("hub", "checkpoints")


@dataclass(frozen=True)
class FoundFile:
    """A file that may hold weights, and its ``size`` in bytes."""

    path: Path
    size: int


def list_weights_folders() -> tuple[Path, ...]:
    """The folders of IOPaint, lama-cleaner, simple-lama and others, which all keep their files
    where torch.hub does: below TORCH_HOME, XDG_CACHE_HOME or ``~/.cache``.
    """
    homes = []
    if torch_home := os.environ.get("TORCH_HOME"):
        homes.append(Path(torch_home))
    if cache := os.environ.get("XDG_CACHE_HOME"):
        homes.append(Path(cache, "torch"))
    with suppress(RuntimeError):  # a user without a home
        homes.append(Path.home() / ".cache" / "torch")
    return tuple(dict.fromkeys(home / _HUB for home in homes if home.is_absolute()))


def find_weights_files() -> tuple[FoundFile, ...]:
    """The files in these folders that may hold weights, the largest first."""
    found: dict[Path, FoundFile] = {}
    for folder in list_weights_folders():
        try:
            paths = [p for p in folder.iterdir() if p.suffix.lower() in WEIGHTS_SUFFIXES]
        except OSError:
            continue  # that program was never used here
        for path in paths:
            try:
                is_file, size = path.is_file(), path.stat().st_size
            except OSError:
                continue
            if is_file and size >= _LEAST:
                found.setdefault(path.resolve(), FoundFile(path, size))
    return tuple(sorted(found.values(), key=lambda file: -file.size))
