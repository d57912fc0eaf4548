"""The array types of the whole engine: RGB, indexed ``[y, x]``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
FloatImage = NDArray[np.float32]
BoolMask = NDArray[np.bool_]


def empty_mapping() -> Mapping[str, Any]:
    """An empty read-only mapping: the default of mappings in frozen values."""
    return MappingProxyType({})
