"""Reads damaged HDF5 files, each in a process of its own: ``python damaging_hdf5.py DIR COUNT``.

A process that has the library already is forked for each, as starting one anew takes long. Prints a
list of [what ended it, the most memory that it had in bytes], see `read_damaged`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from pathlib import Path

from inpaint_core.networks.checkpoint import hdf5_child

SECONDS = 20


def read_damaged(content: bytes, number: int, folder: Path) -> tuple[int, int]:
    """What the reader's process returns for damaged ``content``, or the number of the signal that
    ended it, negative; and the most memory that it had.
    """
    path, target = folder / "damaged", folder / "copied"
    path.write_bytes(damage(content, number))
    target.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(SECONDS)
            with Path(os.devnull).open("w") as nowhere:
                sys.stdout = nowhere
                code = hdf5_child.main(path, target)
        finally:
            os._exit(code)
    _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        from safetensors.numpy import load_file

        load_file(target)
    return code, used.ru_maxrss * 1024


def damage(content: bytes, number: int) -> bytes:
    """Bytes changed, taken out, doubled or cut off, the signature left as it is."""
    rng = random.Random(number)
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 2, 8, 40))):
        limit = len(damaged) if rng.random() < 0.5 else min(len(damaged), 1200)
        at = rng.randrange(8, limit)
        match rng.randrange(5):
            case 0 | 1:
                damaged[at] = rng.randrange(256)
            case 2:
                del damaged[at : at + rng.choice((1, 8, 64))]
            case 3:
                damaged[at:at] = damaged[at : at + rng.choice((1, 8, 64))]
            case 4:
                damaged[at : at + 8] = rng.choice((b"\xff" * 8, bytes(8), b"\xff\xff\xff\x7f" * 2))
        if len(damaged) < 16:
            break
    if rng.random() < 0.1:
        del damaged[rng.randrange(8, len(damaged) + 1) :]
    return bytes(damaged)


if __name__ == "__main__":
    import h5py  # noqa: F401, before the processes part

    place = Path(sys.argv[1])
    whole = (place / "whole").read_bytes()
    found = [read_damaged(whole, number, place) for number in range(int(sys.argv[2]))]
    print(json.dumps(found))
