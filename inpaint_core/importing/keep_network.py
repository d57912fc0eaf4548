"""Tests a network that was imported, and keeps its weights with a card that says what is known."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import generators
from inpaint_core.importing.examine_weights import Found
from inpaint_core.networks.store.entry_folder import CARD_FILE, PICTURE_FILE, keep_entry
from inpaint_core.networks.store.manifest import WeightsEntry
from inpaint_core.networks.store.user_weights import read_user_weights, weights_folder

if TYPE_CHECKING:
    from torch import nn


def check_same_name(entry: WeightsEntry, found: Found, name: str | None) -> None:
    """Raises `BadRequest` when the weights of this file are called otherwise than ``name``."""
    family = str(generators()[found.engine].weights)
    if name is not None and entry.id != f"{family}-{name}":
        had = entry.id.removeprefix(f"{family}-")
        raise BadRequest("weights.has_a_name", name=name, engine=f"{found.engine}:{had}")


def find_free_id(found: Found, name: str) -> str:
    """The id of a new entry. Raises `BadRequest` when there is such a one."""
    entry_id = f"{generators()[found.engine].weights}-{name}"
    held = read_user_weights()
    if entry_id in held.entries or entry_id in held.incomplete:
        raise BadRequest("weights.name_taken", name=entry_id)
    return entry_id


def describe_entry(found: Found, entry_id: str, config: Any) -> WeightsEntry:
    """What the manifest will say of weights from this file for a network with this ``config``."""
    cost = found.spec.measure_cost(config, 512)
    return WeightsEntry(
        id=entry_id,
        file="",
        sha256="",
        network=config.id,
        configuration=asdict(config),
        parameters=cost.parameters,
        macs=cost.macs,
        licence="" if found.known is None else found.known.licence,
        training_data="",
        images=found.images,
        validation={},
        measured="",
        paper=generators()[found.engine].paper,
        card=CARD_FILE,
        folder=weights_folder(),
        source=found.path.name,
        source_sha256=found.sha256,
        imported=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        use=found.use,
    )


def keep_network(
    entry: WeightsEntry,
    network: nn.Module,
    files: Iterable[str],
    progress: Progress,
    *,
    replaces: bool = False,
    is_published: bool = True,
) -> WeightsEntry:
    """Test a network and keep it as ``entry``; ``files``: lines of its card, see `write_card`."""
    from inpaint_core.importing.self_test import bears_half_precision, check_network, draw_test
    from inpaint_core.networks.registry import find_network_of
    from inpaint_core.networks.store.weights_file import save_weights

    progress.report(0.5, Message("weights.testing"))
    spec, config = find_network_of(entry)
    tested = check_network(network.eval(), spec, config, is_published)
    progress.report(0.8, Message("weights.keeping"))
    half = bears_half_precision(network, tested)
    about = {"network": config.id, "source_sha256": entry.source_sha256}
    others = {PICTURE_FILE: draw_test(tested), CARD_FILE: write_card(entry, files).encode()}
    write = partial(save_weights, network, about=about, half=half)
    kept = keep_entry(entry, write, others, progress, replaces)
    progress.report(1.0)
    return kept


_FILE = "- From the file: "


def describe_file(found: Found) -> list[str]:
    """The lines of an entry's card about a file that it was made from."""
    known = found.known
    about = "not known by its hash" if known is None else f"{known.title}, {known.origin}"
    return [
        f"{_FILE}{found.path.name}, {found.network}, {found.tensors} tensors",
        f"  - SHA-256 of the file: {found.sha256}",
        f"  - That file is {about}",
    ]


def read_described_files(card: str) -> list[str]:
    """The lines of a card that `describe_file` wrote."""
    return [line for line in card.splitlines() if line.startswith((_FILE, "  - "))]


def write_card(entry: WeightsEntry, files: Iterable[str]) -> str:
    """What is said of an entry beside its weights, with the lines about its ``files``."""
    lines = [f"# {entry.id}", "", f"- Network: {entry.network}", f"- Paper: {entry.paper}", *files]
    lines += [
        f"- Licence: {entry.licence or 'its makers’ terms are not known here'}",
        f"- Imported: {entry.imported}",
    ]
    lines += [f"- Missing: {'; '.join(entry.missing)}"] if entry.missing else []
    return "\n".join([*lines, "", "Not measured here; “auto” does not use it.", ""])
