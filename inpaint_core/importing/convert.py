"""From the tensors of a published file to those of our own network: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.stored_tensor import StoredTensor
from inpaint_core.networks.store.weights_file import find_differences

_COUNTER = "num_batches_tracked"
"""Batches that batch norm has seen in training: old files lack it, and nothing depends on it."""


def convert(
    found: Mapping[str, StoredTensor], wanted: Mapping[str, Any], names: Mapping[str, str] | None
) -> dict[str, NDArray[Any]]:
    """The values of the tensors ``wanted`` (anything with a shape, by our names) from the tensors
    ``found`` of a file.

    ``names``: for each layer of ours the published name; None where the names are ours. Raises
    `WeightsUnavailable`, naming them, when tensors are missing, left over or of another shape, and
    when a value is not finite or a variance not positive.
    """
    published = {name: _rename(name, names) for name in wanted}
    needed = {theirs: wanted[name] for name, theirs in published.items()}
    counted = {theirs for theirs in needed if theirs.endswith(_COUNTER)}
    problems = find_differences(
        {name: value for name, value in needed.items() if name not in counted},
        {name: value for name, value in found.items() if name not in counted},
    )
    if problems:
        raise WeightsUnavailable("weights.other_layout", problems="; ".join(problems))
    values = {name: _read(theirs, found) for name, theirs in published.items()}
    for name, value in values.items():
        unusable = not np.isfinite(value).all()
        if unusable or (name.endswith("running_var") and not (value > 0).all()):
            raise WeightsUnavailable("weights.unusable_numbers", tensor=published[name])
    return values


def _rename(name: str, names: Mapping[str, str] | None) -> str:
    if names is None:
        return name
    layer, _, last = name.rpartition(".")
    return f"{names[layer]}.{last}"


def _read(name: str, found: Mapping[str, StoredTensor]) -> NDArray[Any]:
    if name not in found:
        return np.zeros((), np.int64)  # a counter
    value = found[name].read()
    return value if name.endswith(_COUNTER) else value.astype(np.float32)
