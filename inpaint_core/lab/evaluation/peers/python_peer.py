"""Runs a fill of a Python package in a process of its own, from PNG files to a PNG file.

    python -m inpaint_core.lab.evaluation.peers.python_peer MODULE FUNCTION PHOTO MASK OUT

MODULE is a file of this folder, FUNCTION one of it that takes the photo (H, W, 3) uint8 RGB and
the mask (H, W) uint8, 255 in the hole, and returns the filled photo (H, W, 3) uint8.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Callable

from inpaint_core.lab.evaluation.peers.peer import Peer, PeerFiles, PeerMissing

_ROOM = "inpaint_core.lab.evaluation.peers"


def python_peer(id: str, title: str, module: str, function: str, package: str, needs: str) -> Peer:
    """The peer that ``function`` of the file ``module`` of this folder is.

    ``package`` is the name of the distribution that has the importable module ``needs``.
    """

    def find() -> str:
        if importlib.util.find_spec(needs) is None:
            raise PeerMissing("lab.peer_no_package", package=package)
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return "?"

    def command(files: PeerFiles) -> list[str]:
        places = [str(files.photo), str(files.mask), str(files.out)]
        return [sys.executable, "-m", f"{_ROOM}.python_peer", module, function, *places]

    return Peer(id, title, find, command)


def _main(module: str, function: str, photo: str, mask: str, out: str) -> None:
    import numpy as np
    from PIL import Image

    fill: Callable[..., object] = getattr(importlib.import_module(f"{_ROOM}.{module}"), function)
    with Image.open(photo) as picture, Image.open(mask) as hole:
        filled = fill(np.array(picture.convert("RGB")), np.array(hole.convert("L")))
    Image.fromarray(np.asarray(filled, np.uint8)).save(out, compress_level=1)


if __name__ == "__main__":
    _main(*sys.argv[1:])
