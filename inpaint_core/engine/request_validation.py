"""Checks of a request before any work is done for it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.choices import MAX_REACH, MAX_SEED, PRECISIONS
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.message import Message
from inpaint_core.contract.request import InpaintRequest


def validate_request(request: InpaintRequest) -> None:
    """Raise `BadRequest` when the request contradicts itself or the photo."""
    image, options = request.image, request.options
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype not in (np.uint8, np.uint16):
        raise BadRequest("command.photo_not_rgb", type=image.dtype, shape=str(image.shape))
    if image.size == 0:
        raise BadRequest("command.photo_without_pixels")
    _check_mask(Message("command.layer.mask"), request.mask, image, np.uint8)
    for layer, mask in (
        (Message("command.layer.protect"), options.protect),
        (Message("command.layer.source"), options.source),
        (Message("command.layer.edges"), options.edges),
    ):
        if mask is not None:
            _check_mask(layer, mask, image, np.bool_)
    if not (math.isfinite(options.feather) and 0 <= options.feather <= MAX_REACH):
        raise BadRequest("command.feather_out_of_range", feather=options.feather, most=MAX_REACH)
    if abs(options.grow) > MAX_REACH:
        raise BadRequest("command.grow_out_of_range", grow=options.grow, most=MAX_REACH)
    if options.precision not in PRECISIONS:
        raise BadRequest("command.unknown_precision", name=options.precision, known=PRECISIONS)
    if not 0 <= options.seed <= MAX_SEED:
        raise BadRequest("command.seed_out_of_range", seed=options.seed)


def _check_mask(
    layer: Message, mask: NDArray[Any], image: NDArray[Any], dtype: type[np.generic]
) -> None:
    if mask.shape != image.shape[:2]:
        raise BadRequest(
            "command.layer_wrong_size",
            layer=layer,
            size=_describe_size(mask),
            photo_size=_describe_size(image),
        )
    if mask.dtype != dtype:
        raise BadRequest(
            "command.layer_wrong_type", layer=layer, type=mask.dtype, wanted=np.dtype(dtype)
        )


def _describe_size(array: NDArray[Any]) -> str:
    return " × ".join(str(n) for n in array.shape[1::-1]) if array.ndim > 1 else str(array.shape)
