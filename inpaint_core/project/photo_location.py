"""Where the photo of a project is, and whether it is still the same."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from inpaint_core.project.model import Original


@dataclass(frozen=True)
class Found:
    """The photo's file; ``same``: its bytes are those that the project was made on."""

    path: Path
    same: bool


def original_of(
    photo: Path,
    project: Path,
    shape: tuple[int, int],
    bits: int,
    size: int,
    digest: str | None,
) -> Original:
    """What a project at ``project`` remembers of the photo, whose file has ``size`` bytes and the
    SHA-256 ``digest`` (None: not known).
    """
    whole = photo.absolute()
    try:
        # Both with links resolved: “..” means something else behind a link.
        way = os.path.relpath(whole.resolve(), project.absolute().resolve().parent)
        relative = Path(way).as_posix()
    except ValueError:  # on another drive of Windows
        relative = None
    return Original(digest, size, shape, bits, relative, str(whole))


def find(original: Original, project: Path) -> Found | None:
    """The photo: first as seen from the project's folder, then by its whole path.

    A file whose bytes are the right ones comes before one that has only the name.
    """
    places = []
    if original.relative is not None:
        folder = project.absolute().resolve().parent
        places.append(Path(os.path.normpath(folder / original.relative)))
    if original.absolute is not None and Path(original.absolute).is_absolute():
        places.append(Path(original.absolute))
    there = [compared(original, place) for place in places if place.is_file()]
    return next((found for found in there if found.same), there[0] if there else None)


def compared(original: Original, place: Path) -> Found:
    """The file at ``place``, which was found or chosen, held against what is remembered."""
    try:
        same = (
            original.sha256 is not None
            and place.stat().st_size == original.size
            and sha256(place) == original.sha256
        )
    except OSError:  # reading the photo will say so with a sentence
        same = False
    return Found(place, same)


def sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
