"""PatchMatch from the Python package “pypatchmatch”, with the patches of its examples."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.lab.evaluation.peers.python_peer import python_peer

_RADIUS = 3


def fill(photo: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Its fill with patches of 7x7 pixels."""
    patchmatch: Any = importlib.import_module("patchmatch")
    return np.asarray(patchmatch.inpaint(photo, mask, patch_size=_RADIUS), np.uint8)


PEERS = (
    python_peer(
        "pypatchmatch",
        "PyPatchMatch",
        "pypatchmatch_package",
        fill.__name__,
        "pypatchmatch",
        "patchmatch",
    ),
)
