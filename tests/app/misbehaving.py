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
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.photo import Photo


def process() -> int:
    return os.getpid()


def killed(path: Path) -> Photo:
    """SIGKILL in the middle of it, as from the system when memory is short."""
    work.decode_photo(path)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def segfault(path: Path) -> Photo:
    work.decode_photo(path)
    ctypes.string_at(0)
    raise AssertionError


def hang(path: Path) -> Photo:
    while True:
        time.sleep(60)


def slowly(path: Path) -> Photo:
    time.sleep(1.0)
    return work.decode_photo(path)


def hog(path: Path) -> Photo:
    held = []
    while True:
        held.append(np.ones(1 << 22, np.uint8))


def refuse(path: Path) -> Photo:
    raise PhotoDamaged("photo.damaged", path=path)


def steps(count: int, progress: Progress) -> int:
    for number in range(count):
        progress.report(number / count, Message("weights.testing"))
    return count


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
    from app.workers.decoder.decoder_pool import DecoderPool
    from app.workers.decoder.limits import DecodeLimits

    decoder = DecoderPool()
    limits = DecodeLimits.for_seconds(600)
    print(decoder.run(process, path=Path(), limits=limits), flush=True)
    decoder.run(hang, Path(), path=Path(), limits=limits)


if __name__ == "__main__":
    sys.exit(main())
