"""The folder of an entry of imported weights: written whole or not at all, checked, and removed."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from inpaint_core.contract.errors import CannotWrite, InpaintError, WeightsUnavailable
from inpaint_core.contract.progress import Progress
from inpaint_core.networks.store.manifest import WeightsEntry
from inpaint_core.networks.store.user_weights import ENTRY_FILE, make_folder, weights_folder

WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "card.md"
PICTURE_FILE = "self-test.png"
"""What the network made of the picture on which it was tested, beside that picture."""

_WORKPLACE = ".import-"
_BLOCK = 1 << 22


def keep_entry(
    entry: WeightsEntry,
    write: Callable[[Path], None],
    others: Mapping[str, bytes],
    progress: Progress,
    replaces: bool = False,
) -> WeightsEntry:
    """Make the folder of ``entry``, whose weights ``write`` writes to the path that it is given,
    with the ``others``, files by name. Returns the entry with what is known now.

    ``replaces``: a folder of that id is there, and goes. Raises `CannotWrite` and `Cancelled`.
    """
    shelf = weights_folder()
    make_folder(shelf)
    try:
        with _make_workplace(shelf) as made:
            folder = made / entry.id
            folder.mkdir()
            file = folder / WEIGHTS_FILE
            write(file)
            final = shelf / entry.id
            entry = replace(entry, file=WEIGHTS_FILE, sha256=_hash(file), folder=folder)
            for name, content in others.items():
                (folder / name).write_bytes(content)
            row = json.dumps(entry.plain(), indent=2, ensure_ascii=False) + "\n"
            (folder / ENTRY_FILE).write_text(row, "utf-8")
            progress.check()
            _put(folder, final, made / "before" if replaces else None)
    except OSError as error:
        raise CannotWrite("weights.no_folder", path=shelf) from error
    return replace(entry, folder=final)


def _put(folder: Path, final: Path, before: Path | None) -> None:
    """Rename ``folder`` to ``final``; what is there goes ``before``, and back if that fails."""
    if before is None:
        folder.rename(final)
        return
    final.rename(before)
    try:
        folder.rename(final)
    except OSError:
        before.rename(final)
        raise


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
    try:
        same = _hash(entry.path) == entry.sha256
    except OSError:
        return WeightsUnavailable("weights.missing", path=entry.path)
    return None if same else WeightsUnavailable("weights.changed", name=entry.path.name)


def find_test_picture(entry: WeightsEntry) -> Path | None:
    """The picture of the test that these weights passed; None for what ships, and for older ones.

    A hole and what the network filled in, side by side.
    """
    path = entry.folder / PICTURE_FILE
    return path if entry.source and path.is_file() else None


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
