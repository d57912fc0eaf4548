"""PatchMatch from the Python package “patchmatch-cython”, with its own default settings."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.lab.evaluation.peers.python_peer import python_peer


def fill(photo: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Coarse to fine, on one seed."""
    patchmatch_cython: Any = importlib.import_module("patchmatch_cython")
    return np.asarray(patchmatch_cython.inpaint_pyramid(photo, mask > 0, seed=0), np.uint8)


PEERS = (
    python_peer(
        "patchmatch-cython",
        "patchmatch-cython",
        "patchmatch_cython_package",
        fill.__name__,
        "patchmatch-cython",
        "patchmatch_cython",
    ),
)
