"""Reading and importing weights files, in the decoder's child process. Nothing here imports Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inpaint_core.contract.errors import WeightsUnavailable

if TYPE_CHECKING:
    from inpaint_core.contract.progress import Progress
    from inpaint_core.importing.known_files import KnownFile
    from inpaint_core.networks.store.manifest import WeightsEntry


@dataclass(frozen=True)
class ExaminedWeights:
    """What a weights file holds: `Found` without what only the library needs.

    ``held``: the id of the engine that uses weights which were imported from this very file.
    ``picture``: of the test that those passed. ``is_part``: the network is published in several
    files, of which this is one.
    """

    path: Path
    sha256: str
    network: str
    engine: str
    numbers: int
    known: KnownFile | None
    held: str
    is_part: bool = False
    picture: Path | None = None

    @property
    def is_non_commercial(self) -> bool:
        """Whether its makers allow non-commercial use only."""
        return self.known is not None and self.known.use == "non-commercial"


@dataclass(frozen=True)
class BroughtIn:
    """What came of an import: the id of the ``engine`` that uses the weights, “” as long as files
    are ``missing``, and the ``picture`` of the test that they passed, see `find_test_picture`.
    """

    engine: str
    missing: tuple[str, ...] = ()
    picture: Path | None = None


def examine(path: Path, progress: Progress) -> ExaminedWeights:
    """As `inpaint_core.importing.examine_weights.examine_weights`."""
    from inpaint_core.importing.examine_weights import examine_weights
    from inpaint_core.networks.store.user_weights import find_imported

    found = examine_weights(path, progress)
    entry = find_imported(found.sha256)
    held = BroughtIn("") if entry is None else describe_entry(entry)
    return ExaminedWeights(
        path,
        found.sha256,
        found.network,
        found.engine,
        found.numbers,
        found.known,
        held.engine,
        found.part is not None,
        held.picture,
    )


def describe_entry(entry: WeightsEntry) -> BroughtIn:
    """What there is of imported weights."""
    from inpaint_core.generators.registry import find_engine_of
    from inpaint_core.networks.store.entry_folder import find_test_picture

    if entry.missing:
        return BroughtIn("", entry.missing)
    return BroughtIn(find_engine_of(entry.id), (), find_test_picture(entry))


def bring_in(
    path: Path, sha256: str, stem: str, accept_non_commercial: bool, progress: Progress
) -> BroughtIn:
    """Import a file that was examined when its hash was ``sha256``, under a name made of ``stem``.

    Raises as `import_weights`, and `WeightsUnavailable` when the file has changed since.
    """
    from inpaint_core.importing.examine_weights import examine_weights
    from inpaint_core.importing.import_weights import import_weights, propose_name
    from inpaint_core.networks.store.user_weights import find_imported

    found = examine_weights(path, progress.part(0.0, 0.2))
    if found.sha256 != sha256:
        raise WeightsUnavailable("weights.changed_since", name=path.name)
    name = None if find_imported(found.sha256) else propose_name(found, stem)
    entry = import_weights(found, progress.part(0.2, 1.0), name, accept_non_commercial)
    return describe_entry(entry)
