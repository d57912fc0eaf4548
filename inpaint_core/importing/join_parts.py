"""Brings in a network that is published in several files, one file after the other, in any order.

What is there is kept as incomplete weights, which nothing uses; the file that completes them makes
them an engine's. Files are put together that were imported for the same name, or one after another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import generators
from inpaint_core.importing.examine_weights import Found
from inpaint_core.importing.keep_network import (
    check_same_name,
    describe_entry,
    describe_file,
    find_free_id,
    keep_network,
    read_described_files,
    write_card,
)
from inpaint_core.importing.published_layouts import PARTS, Part, join_parts
from inpaint_core.networks.store.entry_folder import CARD_FILE, keep_entry
from inpaint_core.networks.store.manifest import WeightsEntry
from inpaint_core.networks.store.user_weights import (
    find_imported,
    read_user_weights,
    weights_folder,
)

_NAME = "published"
"""Of weights whose parts come from several files, none of which names the whole."""

Values = Mapping[str, NDArray[Any]]


def import_part(found: Found, part: Part, progress: Progress, name: str | None) -> WeightsEntry:
    """Put a part to the weights that lack it, else begin new ones; raises as `import_weights`."""
    family = str(generators()[found.engine].weights)
    before = _find_lacking(family, part, name)
    if before is None:
        again = find_imported(found.sha256)
        if again is not None:
            check_same_name(again, found, name)
            return again
    parts = {**({} if before is None else before.parts), part.id: found.sha256}
    config = join_parts(parts)
    values = _read_part(found, part, config, progress)
    if before is None:
        entry_id = find_free_id(found, _find_name(family) if name is None else name)
        entry, files = describe_entry(found, entry_id, config), describe_file(found)
    else:
        entry, files, values = _add(before, found, values)
    missing = tuple(
        " / ".join(each.files) for each in PARTS.values() if each.is_needed and each.id not in parts
    )
    entry = replace(
        entry,
        network=config.id,
        configuration=asdict(config),
        parts=parts,
        missing=missing,
        source_sha256="",
    )
    progress.check()
    is_there = before is not None
    if missing:
        card = {CARD_FILE: write_card(entry, files).encode()}
        return keep_entry(entry, partial(_save, values), card, progress, is_there)
    return keep_network(entry, _build(found, config, values), files, progress, replaces=is_there)


def _find_lacking(family: str, part: Part, name: str | None) -> WeightsEntry | None:
    """The imported weights of parts to which this one is put: those that cannot be used yet first,
    the latest first.
    """
    held = read_user_weights()
    ours = weights_folder()
    for entries in (held.incomplete, held.entries):
        lacking = [
            entry
            for entry in entries.values()
            if entry.parts and part.id not in entry.parts and entry.folder.parent == ours
            if entry.id == f"{family}-{name}" or name is None
        ]
        if lacking:
            return max(lacking, key=lambda entry: entry.imported)
    return None


def _find_name(family: str) -> str:
    """A name that no weights of this family have."""
    held = read_user_weights()
    taken, number, name = {*held.entries, *held.incomplete}, 1, _NAME
    while f"{family}-{name}" in taken:
        number += 1
        name = f"{_NAME}-{number}"
    return name


def _read_part(found: Found, part: Part, config: Any, progress: Progress) -> Values:
    import torch

    progress.report(0.2, Message("weights.converting"))
    with torch.device("meta"):
        state = found.spec.build(config).state_dict()
    wanted = {name: value for name, value in state.items() if name.startswith(part.own)}
    return found.read_tensors(wanted)


def _add(
    before: WeightsEntry, found: Found, values: Values
) -> tuple[WeightsEntry, list[str], Values]:
    """An entry with one file more, the lines about its files, and the values of all parts."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        held = load_file(before.path)
        card = (before.folder / before.card).read_text("utf-8")
    except (OSError, SafetensorError) as error:
        raise WeightsUnavailable("weights.damaged", name=before.path.name) from error
    new = describe_entry(found, before.id, join_parts((*before.parts, "")))
    entry = replace(new, source=f"{before.source}, {found.path.name}", trust=before.trust)
    return entry, [*read_described_files(card), *describe_file(found)], {**held, **values}


def _save(values: Values, path: Path) -> None:
    from safetensors.numpy import save_file

    save_file(dict(values), path)


def _build(found: Found, config: Any, values: Values) -> Any:
    """The network with all parts."""
    import torch

    from inpaint_core.networks.blocks.convolution_weights import fold

    with torch.device("cpu"):
        network = found.spec.build(config)
    fold(network)
    tensors = {name: torch.from_numpy(value) for name, value in values.items()}
    network.load_state_dict(tensors, strict=True)
    return network
