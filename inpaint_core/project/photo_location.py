"""Where a project's photo is, and whether it is still the same file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from inpaint_core.project.model import Original


@dataclass(frozen=True)
class FoundPhoto:
    """The photo's file; ``same``: it still has the bytes that the project was made on."""

    path: Path
    same: bool


def describe_original(
    photo: Path,
    project: Path,
    shape: tuple[int, int],
    bits: int,
    size: int,
    digest: str | None,
) -> Original:
    """What a project at ``project`` remembers of the photo: its file has ``size`` bytes and the
    SHA-256 ``digest`` (None: unknown).
    """
    whole = photo.absolute()
    try:
        # Both with links resolved: “..” means something else behind a link.
        way = os.path.relpath(whole.resolve(), project.absolute().resolve().parent)
        relative = Path(way).as_posix()
    except ValueError:  # on another drive of Windows
        relative = None
    return Original(digest, size, shape, bits, relative, str(whole))


def find_photo(original: Original, project: Path) -> FoundPhoto | None:
    """The photo, looked for relative to the project's folder, then at its absolute path.

    A file with the right bytes is preferred to one that only has the right name.
    """
    places = []
    if original.relative is not None:
        folder = project.absolute().resolve().parent
        places.append(Path(os.path.normpath(folder / original.relative)))
    if original.absolute is not None and Path(original.absolute).is_absolute():
        places.append(Path(original.absolute))
    there = [compare_photo(original, place) for place in places if _is_file(place)]
    return next((found for found in there if found.same), there[0] if there else None)


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except OSError:  # a name that is longer than a file's can be
        return False


def compare_photo(original: Original, place: Path) -> FoundPhoto:
    """The file at ``place`` compared with what the project remembers."""
    try:
        same = (
            original.sha256 is not None
            and place.stat().st_size == original.size
            and sha256(place) == original.sha256
        )
    except OSError:  # reading the photo will say so with a sentence
        same = False
    return FoundPhoto(place, same)


def sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
