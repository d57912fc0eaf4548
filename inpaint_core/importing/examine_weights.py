"""Tells what a weights file holds, without running anything in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import generators
from inpaint_core.importing.convert import convert
from inpaint_core.importing.known_files import FileHashes, KnownFile, Use
from inpaint_core.importing.published_layouts import Part, find_layout
from inpaint_core.importing.recognise import Recognised, recognise
from inpaint_core.networks.checkpoint.read_checkpoint import (
    Checkpoint,
    check_is_file,
    open_checkpoint,
)
from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.registry import configurations, find_network

_BLOCK = 1 << 22
_MOST_DIGITS = 12  # of a number of samples


@dataclass(frozen=True)
class Found:
    """What a weights file holds, before it is imported.

    ``recognised``: the network's name as people know it, and where its tensors are; ``engine``: the
    id of the engine that will use it; ``known``: what is known of exactly this file; ``tensors``:
    how many there are, and ``numbers`` in them; ``part``: which of several files it is;
    ``images``: the samples that it was trained on, 0 where it does not say so.
    """

    path: Path
    sha256: str
    recognised: Recognised
    engine: str
    spec: NetworkSpec
    config: Any
    known: KnownFile | None
    tensors: int
    numbers: int
    part: Part | None = None
    images: int = 0

    @property
    def network(self) -> str:
        """The network's name as people know it."""
        return self.recognised.network

    @property
    def use(self) -> Use:
        """What its makers allow, as far as that is known."""
        return "unknown" if self.known is None else self.known.use

    def read_tensors(self, wanted: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """The values of our tensors ``wanted`` (anything with a shape) from the file.

        Raises `WeightsUnavailable` as `convert`, or when the file cannot be read any more.
        """
        with open_checkpoint(self.path) as checkpoint:
            names = self.recognised.name_tensors(checkpoint.tensors)
            mine = {ours: checkpoint.tensors[theirs] for ours, theirs in names.items()}
            layout = find_layout(self.network)
            mapped = None if layout is None else layout.map_names(self.config, mine)
            return convert(mine, wanted, mapped)


def examine_weights(path: Path, progress: Progress) -> Found:
    """Tell what a weights file holds.

    Raises `WeightsUnavailable` when it cannot be read, or holds no network that an engine of this
    version can use, and `Cancelled`.
    """
    progress.report(0.0, Message("weights.reading", name=path.name))
    hashes = _hash(path, progress)
    with open_checkpoint(path) as checkpoint:
        recognised, config, part = _identify(checkpoint)
        sizes = [tensor.size for tensor in checkpoint.tensors.values()]
        images = _read_images(checkpoint)
    spec = configurations()[config.id]
    engine = next(g.id for g in generators().values() if g.network == spec.id)  # each has one
    return Found(
        path, hashes.sha256, recognised, engine, spec, config, hashes.known, len(sizes),
        sum(sizes), part, images,
    )  # fmt: skip


def _read_images(checkpoint: Checkpoint) -> int:
    """The samples that a training of our own says it has seen; 0 for other files."""
    said = checkpoint.metadata.get("images", "")
    is_number = said.isascii() and said.isdecimal() and len(said) <= _MOST_DIGITS
    return int(said) if is_number and checkpoint.metadata.get("network") in configurations() else 0


def _hash(path: Path, progress: Progress) -> FileHashes:
    check_is_file(path)
    try:
        hashes = FileHashes(path.stat().st_size)
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                progress.check()
                hashes.update(block)
    except OSError as error:
        raise WeightsUnavailable("weights.missing", path=path) from error
    return hashes


def _identify(checkpoint: Checkpoint) -> tuple[Recognised, Any, Part | None]:
    """The network, where its tensors are, its configuration, and which of several files it is."""
    own = checkpoint.metadata.get("network", "")
    if own in configurations():
        changes = json.loads(checkpoint.metadata.get("configuration", "{}"))
        spec, config = find_network(own, changes)
        return Recognised(f"{spec.id} “{own}”", (("", ""),)), config, None
    shapes = {name: tensor.shape for name, tensor in checkpoint.tensors.items()}
    found = recognise(shapes)
    if found is None:
        first = ", ".join(list(shapes)[:3])
        raise WeightsUnavailable("weights.not_recognised", count=len(shapes), first=first)
    if found.network == "MAT":
        raise WeightsUnavailable("weights.research_only", network=found.network)
    layout = find_layout(found.network)
    if layout is None:
        raise WeightsUnavailable("weights.no_engine", network=found.network)
    named = {ours: shapes[theirs] for ours, theirs in found.name_tensors(shapes).items()}
    config = layout.find_config(named)
    prefixes = tuple((before + layout.prefix, read_as) for before, read_as in found.prefixes)
    return replace(found, prefixes=prefixes), config, layout.part
