"""The network's weights, which ship. Imports torch when it is called."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inpaint_core.object_selection.network import ObjectNetwork

WEIGHTS = "objects"
"""The id of the weights in the manifest."""


def has_weights() -> bool:
    """Whether the weights file is there; its content is checked when it is loaded."""
    from inpaint_core.contract.errors import WeightsUnavailable
    from inpaint_core.networks.store.manifest import read_helpers

    try:
        entry = read_helpers().get(WEIGHTS)
    except WeightsUnavailable:
        return False
    return entry is not None and entry.is_present


@cache
def load_object_network() -> ObjectNetwork:
    """The network, ready for use on the CPU; the same one each time.

    Raises `WeightsUnavailable` when the file is missing, damaged or another one.
    """
    import torch

    from inpaint_core.contract.errors import WeightsUnavailable
    from inpaint_core.networks.store.manifest import read_helpers
    from inpaint_core.networks.store.weights_file import load_weights
    from inpaint_core.object_selection.network import ObjectNetwork

    entry = read_helpers().get(WEIGHTS)
    if entry is None:
        raise WeightsUnavailable("weights.unknown", name=WEIGHTS)
    network = ObjectNetwork().fold().eval()
    load_weights(network, entry.path, entry.sha256)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
