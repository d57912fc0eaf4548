"""The weights that a person has imported: a folder for each, beside the program's own data.

Such a folder holds ``weights.safetensors``, ``card.md`` and ``entry.json``, a `WeightsEntry`. The
folders of the environment variable LACUNA_WEIGHTS, joined as in PATH, are searched too and never
written to.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from inpaint_core.contract.errors import BadRequest, CannotWrite
from inpaint_core.local.own_folders import data_folder
from inpaint_core.networks.store.manifest import WeightsEntry, read_entry
from inpaint_core.photo.atomic_file import write_atomically

ENTRY_FILE = "entry.json"
_PREFERRED_FILE = "preferred.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


@dataclass(frozen=True)
class UserWeights:
    """``entries`` by id, and the folders whose ``entry.json`` is missing or ``damaged``.

    ``incomplete``: those, by id, of which parts are missing, so that nothing can use them yet.
    """

    entries: Mapping[str, WeightsEntry]
    damaged: tuple[Path, ...]
    incomplete: Mapping[str, WeightsEntry] = field(default_factory=dict)


def weights_folder() -> Path:
    """Where imported weights are kept; it may not exist yet."""
    return data_folder() / "weights"


def list_folders() -> tuple[Path, ...]:
    """Every folder in which imported weights are looked for, ours first."""
    more = os.environ.get("LACUNA_WEIGHTS", "").split(os.pathsep)
    return (weights_folder(), *(Path(each).absolute() for each in more if each))


def read_user_weights() -> UserWeights:
    """All imported weights. Of two entries with one id, the first counts."""
    entries: dict[str, WeightsEntry] = {}
    incomplete: dict[str, WeightsEntry] = {}
    damaged: list[Path] = []
    for folder in _list_entry_folders():
        try:
            row = json.loads((folder / ENTRY_FILE).read_text("utf-8"))
            entry = read_entry(row, folder)
        except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError):
            damaged.append(folder)
            continue
        (incomplete if entry.missing else entries).setdefault(entry.id, entry)
    parts = {name: entry for name, entry in incomplete.items() if name not in entries}
    return UserWeights(MappingProxyType(entries), tuple(damaged), MappingProxyType(parts))


def find_imported(source_sha256: str) -> WeightsEntry | None:
    """The weights that were imported from the file with this hash, if any; perhaps incomplete."""
    held = read_user_weights()
    return next(
        (
            entry
            for entry in (*held.entries.values(), *held.incomplete.values())
            if source_sha256 == entry.source_sha256 or source_sha256 in entry.parts.values()
        ),
        None,
    )


def find_incomplete(weights_id: str) -> WeightsEntry | None:
    """The incomplete weights with this id, or else those imported last whose ids begin with it."""
    held = read_user_weights().incomplete
    if weights_id in held:
        return held[weights_id]
    ours = [entry for name, entry in held.items() if name.startswith(f"{weights_id}-")]
    return max(ours, key=lambda entry: entry.imported, default=None)


def find_preferred(family: str) -> WeightsEntry | None:
    """The imported weights for an engine whose weights are called ``family``, or of a configuration
    of that name: those that the person prefers, else those imported last.
    """
    held = read_user_weights().entries.values()
    ours = [e for e in held if e.id.startswith(f"{family}-") or e.network == family]
    preferred = _read_preferred().get(family)
    chosen = [entry for entry in ours if entry.id == preferred]
    latest = sorted(ours, key=lambda entry: entry.imported, reverse=True)
    return next(iter((*chosen, *latest)), None)


def prefer(family: str, entry_id: str) -> None:
    """Let the engine whose weights are called ``family`` use this entry. Raises `CannotWrite`."""
    choices = {**_read_preferred(), family: entry_id}
    folder = weights_folder()
    make_folder(folder)
    with write_atomically(folder / _PREFERRED_FILE, True) as stream:
        stream.write((json.dumps(choices, indent=2) + "\n").encode())


def check_name(name: str) -> None:
    """Raises `BadRequest` unless ``name`` can be part of an id and of a folder's name."""
    if not _NAME.fullmatch(name):
        raise BadRequest("weights.bad_name", name=name)


def make_folder(folder: Path) -> None:
    """Make a folder of ours. Raises `CannotWrite`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite("weights.no_folder", path=folder) from error


def _list_entry_folders() -> Iterator[Path]:
    for folder in list_folders():
        try:
            yield from sorted(each for each in folder.iterdir() if _is_entry(each))
        except OSError:
            continue  # not there, which is how it is before the first import


def _is_entry(folder: Path) -> bool:
    return folder.is_dir() and not folder.name.startswith(".")


def _read_preferred() -> dict[str, str]:
    try:
        choices = json.loads((weights_folder() / _PREFERRED_FILE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(choices, dict):
        return {}
    return {name: value for name, value in choices.items() if isinstance(value, str)}
