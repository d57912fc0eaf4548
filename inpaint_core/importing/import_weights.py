"""Brings weights of another program, or of one's own training, into the person's own weights."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from inpaint_core.contract.errors import BadRequest, CannotWrite, InpaintError, WeightsUnavailable
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import generators
from inpaint_core.importing.convert import convert
from inpaint_core.importing.known_files import KNOWN_FILES, KnownFile, Use
from inpaint_core.importing.published_layouts import find_layout
from inpaint_core.importing.recognise import recognise
from inpaint_core.networks.checkpoint.read_checkpoint import Checkpoint, open_checkpoint
from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.registry import configurations, find_network
from inpaint_core.networks.store.manifest import WeightsEntry
from inpaint_core.networks.store.user_weights import (
    ENTRY_FILE,
    check_name,
    find_imported,
    make_folder,
    read_user_weights,
    weights_folder,
)

if TYPE_CHECKING:
    from torch import nn

WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "card.md"
_WORKPLACE = ".import-"
_LONGEST = 24  # characters of a proposed name, which stands in menus
_BLOCK = 1 << 22


@dataclass(frozen=True)
class Found:
    """What a weights file holds, before it is imported.

    ``network``: its name as people know it; ``engine``: the id of the engine that will use it;
    ``known``: what is known of exactly this file; ``tensors``: how many there are.
    """

    path: Path
    sha256: str
    network: str
    engine: str
    spec: NetworkSpec
    config: Any
    prefix: str
    known: KnownFile | None
    tensors: int

    @property
    def use(self) -> Use:
        """What its makers allow, as far as that is known."""
        return "unknown" if self.known is None else self.known.use


def examine_weights(path: Path, progress: Progress) -> Found:
    """Tell what a weights file holds, without running anything in it.

    Raises `WeightsUnavailable` when it cannot be read, or holds no network that an engine of this
    version can use, and `Cancelled`.
    """
    progress.report(0.0, Message("weights.reading", name=path.name))
    sha256 = _hash(path, progress)
    known = KNOWN_FILES.get(sha256)
    with open_checkpoint(path) as checkpoint:
        network, spec, config, prefix = _identify(checkpoint)
        count = len(checkpoint.tensors)
    engine = _find_engine(spec)
    return Found(path, sha256, network, engine, spec, config, prefix, known, count)


def import_weights(
    found: Found, progress: Progress, name: str | None = None, accept_non_commercial: bool = False
) -> WeightsEntry:
    """Convert, test and keep what `examine_weights` found; the file itself stays where it is.

    ``name``: for the entry's id, by default the first digits of the file's hash. Weights that were
    imported before are returned as they are. Raises `WeightsUnavailable` when tensors do not fit
    or the network does not work with them, `BadRequest` for a name that is taken or for terms that
    were not accepted, `CannotWrite`, and `Cancelled`.
    """
    held = read_user_weights().entries
    again = find_imported(found.sha256)
    if again is not None:
        return again
    if found.use == "non-commercial" and not accept_non_commercial:
        raise BadRequest("weights.not_accepted", name=found.path.name)
    name = found.sha256[:12] if name is None else name
    check_name(name)
    entry_id = f"{generators()[found.engine].weights}-{name}"
    if entry_id in held:
        raise BadRequest("weights.name_taken", name=entry_id)
    network = _build(found, progress)
    return _keep(found, network, entry_id, progress)


def _hash(path: Path, progress: Progress) -> str:
    digest = hashlib.sha256()
    try:
        if not path.is_file():
            raise FileNotFoundError(path)
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                progress.check()
                digest.update(block)
    except OSError as error:
        raise WeightsUnavailable("weights.missing", path=path) from error
    return digest.hexdigest()


def _identify(checkpoint: Checkpoint) -> tuple[str, NetworkSpec, Any, str]:
    """The network's name, its spec and configuration, and what stands before its tensors' names."""
    own = checkpoint.metadata.get("network", "")
    if own in configurations():
        changes = json.loads(checkpoint.metadata.get("configuration", "{}"))
        spec, config = find_network(own, changes)
        return f"{spec.id} “{own}”", spec, config, ""
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
    own_shapes = {name.removeprefix(found.prefix): shape for name, shape in shapes.items()}
    config = layout.find_config(own_shapes)
    spec = configurations()[config.id]
    return found.network, spec, config, found.prefix + layout.prefix


def _find_engine(spec: NetworkSpec) -> str:
    """The engine that uses this network. Every network has one."""
    return next(g.id for g in generators().values() if g.network == spec.id)


def _build(found: Found, progress: Progress) -> nn.Module:
    """The network with the weights of the file, tested."""
    import torch

    from inpaint_core.importing.self_test import check_network
    from inpaint_core.networks.blocks.convolution_weights import fold

    progress.report(0.2, Message("weights.converting"))
    with torch.device("cpu"):
        network = found.spec.build(found.config)
    fold(network)
    wanted = network.state_dict()
    with open_checkpoint(found.path) as checkpoint:
        mine = {
            name.removeprefix(found.prefix): tensor
            for name, tensor in checkpoint.tensors.items()
            if name.startswith(found.prefix)
        }
        layout = find_layout(found.network)
        names = None if layout is None else layout.map_names(found.config, mine)
        values = convert(mine, wanted, names)
    progress.check()
    network.load_state_dict({name: torch.from_numpy(value) for name, value in values.items()})
    progress.report(0.5, Message("weights.testing"))
    check_network(network.eval(), found.spec, found.config)
    return network


def _keep(found: Found, network: nn.Module, entry_id: str, progress: Progress) -> WeightsEntry:
    from inpaint_core.importing.self_test import bears_half_precision
    from inpaint_core.networks.store.weights_file import save_weights

    progress.report(0.8, Message("weights.keeping"))
    shelf = weights_folder()
    make_folder(shelf)
    try:
        with _make_workplace(shelf) as made:
            folder = made / entry_id
            folder.mkdir()
            file = folder / WEIGHTS_FILE
            half = bears_half_precision(network, found.spec, found.config)
            about = {"network": found.config.id, "source_sha256": found.sha256}
            save_weights(network, file, about, half)
            cost = found.spec.measure_cost(found.config, 512)
            entry = WeightsEntry(
                id=entry_id,
                file=WEIGHTS_FILE,
                sha256=_hash(file, Progress()),
                network=found.config.id,
                configuration=asdict(found.config),
                parameters=cost.parameters,
                macs=cost.macs,
                licence="" if found.known is None else found.known.licence,
                training_data="",
                images=0,
                validation={},
                measured="",
                paper=generators()[found.engine].paper,
                card=CARD_FILE,
                folder=folder,
                source=found.path.name,
                source_sha256=found.sha256,
                imported=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                use=found.use,
            )
            row = json.dumps(entry.plain(), indent=2, ensure_ascii=False) + "\n"
            (folder / ENTRY_FILE).write_text(row, "utf-8")
            (folder / CARD_FILE).write_text(_write_card(found, entry), "utf-8")
            progress.check()
            final = shelf / entry_id
            folder.rename(final)
    except OSError as error:
        raise CannotWrite("weights.no_folder", path=shelf) from error
    progress.report(1.0)
    return replace(entry, folder=final)


@contextmanager
def _make_workplace(shelf: Path) -> Iterator[Path]:
    """A folder for one import, which disappears after it. One import at a time works here, so what
    lies in such a folder before belongs to one that was killed.
    """
    with _lock(shelf):
        _remove_workplaces(shelf)
        with tempfile.TemporaryDirectory(dir=shelf, prefix=_WORKPLACE) as made:
            yield Path(made)


def remove_abandoned_imports() -> None:
    """Delete what imports that were killed have left behind, unless one is at work now."""
    shelf = weights_folder()
    with suppress(OSError, Timeout), _lock(shelf, timeout=0):
        _remove_workplaces(shelf)


def _lock(shelf: Path, timeout: float = -1) -> FileLock:
    return FileLock(shelf.with_name("weights.lock"), timeout=timeout)


def _remove_workplaces(shelf: Path) -> None:
    for abandoned in shelf.glob(f"{_WORKPLACE}*"):
        shutil.rmtree(abandoned, ignore_errors=True)


def propose_name(found: Found, stem: str) -> str:
    """A name for the entry that is made of a file's name, else of the file's hash."""
    name = re.sub(r"[^a-z0-9_.-]+", "-", stem.lower()).strip("-_.")[:_LONGEST].rstrip("-_.")
    taken = f"{generators()[found.engine].weights}-{name}" in read_user_weights().entries
    return found.sha256[:12] if taken or not name else name


def remove_weights(entry: WeightsEntry) -> None:
    """Delete imported weights. Raises `CannotWrite`, also for what ships and for other folders."""
    if entry.folder.parent != weights_folder():
        raise CannotWrite("weights.not_ours", name=entry.id)
    try:
        shutil.rmtree(entry.folder)
    except OSError as error:
        raise CannotWrite("weights.no_folder", path=entry.folder) from error


def check_weights(entry: WeightsEntry) -> InpaintError | None:
    """What is wrong with an entry's file, or None."""
    if not entry.is_present:
        return WeightsUnavailable("weights.missing", path=entry.path)
    if _hash(entry.path, Progress()) != entry.sha256:
        return WeightsUnavailable("weights.changed", name=entry.path.name)
    return None


def _write_card(found: Found, entry: WeightsEntry) -> str:
    known = found.known
    rows: Mapping[str, Callable[[], str]] = {
        "Network": lambda: found.network,
        "Paper": lambda: entry.paper,
        "From the file": lambda: f"{entry.source}, {found.tensors} tensors",
        "SHA-256 of the file": lambda: entry.source_sha256,
        "That file is": lambda: (
            "none that is known by its hash" if known is None else f"{known.title}, {known.origin}"
        ),
        "Licence": lambda: entry.licence or "its makers' terms are not known here",
        "Imported": lambda: entry.imported,
    }
    lines = [f"# {entry.id}", "", *(f"- {name}: {value()}" for name, value in rows.items())]
    return "\n".join([*lines, "", "Not measured here; “auto” does not use it.", ""])
