"""Finds weights by id, those that ship and those that a person has imported. Needs no torch."""

from __future__ import annotations

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.store.manifest import WeightsEntry, read_manifest
from inpaint_core.networks.store.user_weights import find_preferred, read_user_weights


def find_entry(weights_id: str) -> WeightsEntry:
    """The entry with this id; where none has it, the preferred one of those whose ids begin with it
    and a hyphen, or whose configuration it is. What ships cannot be shadowed.

    Raises `WeightsUnavailable` when there is none, or when the list of what ships is damaged.
    """
    entry = read_manifest().get(weights_id)
    if entry is None:
        entry = read_user_weights().entries.get(weights_id)
    if entry is None:
        entry = find_preferred(weights_id)
    if entry is None:
        raise WeightsUnavailable("weights.unknown", name=weights_id)
    return entry
