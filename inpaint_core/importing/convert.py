"""From the tensors of a published file to those of our own network: all of them, or none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.stored_tensor import StoredTensor
from inpaint_core.networks.name_map import Dropped, NameMap, Source, keep
from inpaint_core.networks.store.weights_file import find_differences

_COUNTER = "num_batches_tracked"
"""Batches that batch norm has seen in training: old files lack it, and nothing depends on it."""


def convert(
    found: Mapping[str, StoredTensor], wanted: Mapping[str, Any], names: NameMap | None
) -> dict[str, NDArray[Any]]:
    """The values of the tensors ``wanted`` (anything with a shape, by our names) from the tensors
    ``found`` of a file.

    ``names``: where each of ours lies; None where the names are ours. Raises `WeightsUnavailable`,
    naming them, when tensors are missing, left over or of another shape, when a value is not finite
    or a variance not positive, and when one that the network has built in is another in the file.
    """
    counters = {name: np.zeros((), np.int64) for name in wanted if name.endswith(_COUNTER)}
    learned = wanted.keys() - counters.keys()
    sources = {n: Source((n,)) if names is None else names.find_source(n) for n in learned}
    used = {name: tensor for name, tensor in found.items() if not name.endswith(_COUNTER)}
    for each in () if names is None else names.dropped:
        used = _drop(each, used)
    needed: dict[str, Any] = {}
    for name, source in sources.items():
        for theirs in source.names:
            # The shape of what is made from others is compared when it is made.
            needed[theirs] = wanted[name] if source.make is keep else used.get(theirs)
    _compare(needed, used)
    values: dict[str, NDArray[Any]] = dict(counters)
    for name, source in sources.items():
        made = source.make(*(used[theirs].read() for theirs in source.names))
        value = np.asarray(made, np.float32)
        _compare({source.names[0]: wanted[name]}, {source.names[0]: value})
        unusable = not np.isfinite(value).all()
        if unusable or (name.endswith("running_var") and not (value > 0).all()):
            tensor = source.names[0]
            if names is None:
                raise WeightsUnavailable("weights.training_failed", tensor=tensor)
            raise WeightsUnavailable("weights.unusable_numbers", tensor=tensor)
        values[name] = value
    return values


def _drop(dropped: Dropped, found: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """``found`` without what is left out."""
    left = {}
    for name, tensor in found.items():
        if not re.fullmatch(dropped.pattern, name):
            left[name] = tensor
        elif dropped.holds is not None and not dropped.holds(tensor.read()):
            raise WeightsUnavailable("weights.unusable_numbers", tensor=name)
    return left


def _compare(needed: dict[str, Any], found: dict[str, Any]) -> None:
    problems = find_differences(needed, found)
    if problems:
        raise WeightsUnavailable("weights.other_layout", problems="; ".join(problems))
