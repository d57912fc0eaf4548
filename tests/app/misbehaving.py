"""What decoders do to the process they run in: worked off in the decoder's child by the tests."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from app.workers.decoder import decoding_work as work
from inpaint_core.contract.errors import PhotoDamaged
from inpaint_core.photo.photo import Photo


def process() -> int:
    return os.getpid()


def killed(path: Path) -> Photo:
    """SIGKILL in the middle of it, as from the system when memory is short."""
    work.photo(path)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def segfault(path: Path) -> Photo:
    work.photo(path)
    ctypes.string_at(0)
    raise AssertionError


def hang(path: Path) -> Photo:
    while True:
        time.sleep(60)


def slowly(path: Path) -> Photo:
    time.sleep(1.0)
    return work.photo(path)


def hog(path: Path) -> Photo:
    held = []
    while True:
        held.append(np.ones(1 << 22, np.uint8))


def refuse(path: Path) -> Photo:
    raise PhotoDamaged(f"“{path}” is damaged.", "Copy it again.")


def mistake(path: Path) -> Photo:
    raise ZeroDivisionError("a bug")


def values(size: int) -> dict[str, np.ndarray]:
    return {
        "large": np.arange(size, dtype=np.uint16).reshape(-1, 4),
        "small": np.arange(3),
        "turned": np.arange(size, dtype=np.uint8).reshape(4, -1).T[::-1],
    }


def main() -> None:
    """Decode without end, after saying in which process: to be killed."""
    from app.workers.decoder.bounds import Bounds
    from app.workers.decoder.decoder import Decoder

    decoder = Decoder()
    bounds = Bounds.short(600)
    print(decoder.run(process, path=Path(), bounds=bounds), flush=True)
    decoder.run(hang, Path(), path=Path(), bounds=bounds)


if __name__ == "__main__":
    sys.exit(main())
