"""The array types that every part of the engine speaks: RGB, indexed ``[y, x]``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
FloatImage = NDArray[np.float32]
BoolMask = NDArray[np.bool_]

Precision = Literal["auto", "float32", "bfloat16", "float16"]
"""What a network computes in; "auto": what is fastest on its device."""


def empty_mapping() -> Mapping[str, Any]:
    """A mapping that holds nothing and cannot be written to: the default of frozen values."""
    return MappingProxyType({})
