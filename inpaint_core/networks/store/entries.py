"""Finds weights by id, those that ship and those that a person has imported. Needs no torch."""

from __future__ import annotations

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.store.manifest import WeightsEntry, read_manifest
from inpaint_core.networks.store.user_weights import (
    find_incomplete,
    find_preferred,
    read_user_weights,
)


def find_entry(weights_id: str) -> WeightsEntry:
    """The entry with this id; where none has it, the preferred one of those whose ids begin with it
    and a hyphen, or whose configuration it is. What ships cannot be shadowed.

    Raises `WeightsUnavailable` when there is none, naming the files that are missing where some
    parts are there, or when the list of what ships is damaged.
    """
    entry = read_manifest().get(weights_id)
    if entry is None:
        entry = read_user_weights().entries.get(weights_id)
    if entry is None:
        entry = find_preferred(weights_id)
    if entry is None:
        check_complete(find_incomplete(weights_id))
        raise WeightsUnavailable("weights.unknown", name=weights_id)
    return entry


def check_complete(entry: WeightsEntry | None) -> None:
    """Raises `WeightsUnavailable`, naming the files, when parts of these weights are missing."""
    if entry is not None and entry.missing:
        raise WeightsUnavailable("weights.incomplete", name=entry.id, missing=entry.missing)
