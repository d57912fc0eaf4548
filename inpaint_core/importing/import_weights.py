"""Brings weights of another program, or of one's own training, into the person's own weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import generators
from inpaint_core.importing.examine_weights import Found
from inpaint_core.importing.join_parts import import_part
from inpaint_core.importing.keep_network import (
    check_same_name,
    describe_entry,
    describe_file,
    find_free_id,
    keep_network,
)
from inpaint_core.importing.published_layouts import find_layout
from inpaint_core.networks.store.manifest import WeightsEntry
from inpaint_core.networks.store.user_weights import (
    check_name,
    find_imported,
    read_user_weights,
)

if TYPE_CHECKING:
    from torch import nn

_LONGEST = 24  # characters of a proposed name, which stands in menus


def import_weights(
    found: Found, progress: Progress, name: str | None = None, accept_non_commercial: bool = False
) -> WeightsEntry:
    """Convert, test and keep what `examine_weights` found; the file itself stays where it is.

    ``name``: for the entry's id, by default the first digits of the file's hash. Weights that were
    imported before are returned as they are. A part of a network that is published in several files
    is kept, and tested with the others as soon as none is missing, see `WeightsEntry`.

    Raises `WeightsUnavailable` when tensors do not fit or the network does not work with them,
    `BadRequest` for a name that is taken, for another name than the file's weights have already and
    for terms that were not accepted, `CannotWrite`, and `Cancelled`.
    """
    if found.use == "non-commercial" and not accept_non_commercial:
        raise BadRequest("weights.not_accepted", name=found.path.name)
    if name is not None:
        check_name(name)
    if found.part is not None:
        return import_part(found, found.part, progress, name)
    again = find_imported(found.sha256)
    if again is not None:
        check_same_name(again, found, name)
        return again
    entry_id = find_free_id(found, found.sha256[:12] if name is None else name)
    network, config = _build(found, progress), found.config
    entry = describe_entry(found, entry_id, config)
    is_published = find_layout(found.network) is not None
    return keep_network(entry, network, describe_file(found), progress, is_published=is_published)


def propose_name(found: Found, stem: str) -> str | None:
    """A name for the entry that is made of a file's name, else of the file's hash; None for a part,
    which is put to the other parts.
    """
    if found.part is not None:
        return None
    name = re.sub(r"[^a-z0-9_.-]+", "-", stem.lower()).strip("-_.")[:_LONGEST].rstrip("-_.")
    taken = f"{generators()[found.engine].weights}-{name}" in read_user_weights().entries
    return found.sha256[:12] if taken or not name else name


def _build(found: Found, progress: Progress) -> nn.Module:
    """The network with the weights of the file."""
    import torch

    from inpaint_core.networks.blocks.convolution_weights import fold

    progress.report(0.2, Message("weights.converting"))
    with torch.device("cpu"):
        network = found.spec.build(found.config)
    fold(network)
    values = found.read_tensors(network.state_dict())
    progress.check()
    network.load_state_dict({name: torch.from_numpy(value) for name, value in values.items()})
    return network
