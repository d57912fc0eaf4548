"""What a request must fulfil before any work is done for it."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Precision
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.request import InpaintRequest

FARTHEST = 4096  # pixels by which a mask may be grown or feathered


def validate(request: InpaintRequest) -> None:
    """Raise `BadRequest` when the request contradicts itself or the photo."""
    image = request.image
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype not in (np.uint8, np.uint16):
        raise BadRequest(
            f"The photo is an array of {image.dtype} {image.shape}.",
            "Give an RGB image (H, W, 3) with 8 or 16 bits per channel.",
        )
    if image.size == 0:
        raise BadRequest("The photo has no pixels.", "Choose another photo.")
    _check("mask", request.mask, image, np.uint8)
    for name, mask in (
        ("protect mask", request.protect),
        ("source mask", request.sources),
        ("picture of edges", request.edges),
    ):
        if mask is not None:
            _check(name, mask, image, np.bool_)
    if not (math.isfinite(request.feather) and 0 <= request.feather <= FARTHEST):
        raise BadRequest(
            f"A feather of {request.feather} pixels makes no sense.",
            f"Choose 0 to {FARTHEST} pixels.",
        )
    if abs(request.grow) > FARTHEST:
        raise BadRequest(
            f"A mask cannot be grown by {request.grow} pixels.",
            f"Choose -{FARTHEST} to {FARTHEST} pixels.",
        )
    if request.precision not in get_args(Precision):
        raise BadRequest(
            f"There is no precision called “{request.precision}”.",
            f"Choose one of: {', '.join(get_args(Precision))}.",
        )
    if not 0 <= request.seed < 2**63:
        raise BadRequest(
            f"The seed {request.seed} is out of range.", "Choose a whole number from 0 to 2^63 - 1."
        )


def _check(name: str, mask: NDArray[Any], image: NDArray[Any], dtype: type[np.generic]) -> None:
    if mask.shape != image.shape[:2]:
        raise BadRequest(
            f"The {name} is {_size(mask)} pixels, but the photo is {_size(image)}.",
            f"Use a {name} of the photo’s own size.",
        )
    if mask.dtype != dtype:
        raise BadRequest(
            f"The {name} is an array of {mask.dtype}.", f"Give {np.dtype(dtype)} values."
        )


def _size(array: NDArray[Any]) -> str:
    return " × ".join(str(n) for n in array.shape[1::-1]) if array.ndim > 1 else str(array.shape)
