"""Stars in XMP files beside photos, which are left as they are.

Names as the field has them: “photo.xmp” beside a raw file (Adobe, Capture One), “photo.jpg.xmp”
beside any other (darktable, digiKam); an XMP file that is there already is the one that is written.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.photo.atomic_file import write_atomically
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.metadata.capture_facts import read_capture_facts
from inpaint_core.photo.metadata.xmp import read_rating, write_rating

MOST_STARS = 5
_LONGEST = 1 << 24  # bytes; darktable's files hold whole histories


@cache
def _raw_extensions() -> frozenset[str]:
    from inpaint_core.photo.formats.registry import formats

    return frozenset(formats()["RAW"].extensions)


def sidecar_names(photo: Path) -> tuple[str, ...]:
    """The names that a photo's XMP file may have, first the one that a new one gets."""
    names = [f"{photo.name}{ending}" for ending in (".xmp", ".XMP")]
    short = [f"{photo.stem}{ending}" for ending in (".xmp", ".XMP")]
    if photo.suffix.lower() in _raw_extensions():
        return (*short, *names)
    return tuple(names)


def _find_sidecar(photo: Path) -> Path:
    """The XMP file beside a photo, or where a new one goes."""
    places = [photo.with_name(name) for name in sidecar_names(photo)]
    return next((place for place in places if place.exists()), places[0])


def read_stars(sidecar: Path) -> int | None:
    """The stars in an XMP file, -1 to 5; None where it gives none or cannot be read."""
    try:
        with sidecar.open("rb") as stream:
            return read_rating(stream.read(_LONGEST))
    except OSError:
        return None


def add_stars(photo: Path, by: int) -> Path:
    """Give a photo so many stars more than its files say now, from 0 to 5; else as `write_stars`.
    Where it is done after other changes of the same photo, none of them is lost.
    """
    sidecar = _find_sidecar(photo)
    stars = read_stars(sidecar) if sidecar.exists() else None
    if stars is None:
        with suppress(OSError):
            stars = read_capture_facts(photo).rating
    return write_stars(photo, min(max(max(0, stars or 0) + by, 0), MOST_STARS))


def write_stars(photo: Path, stars: int) -> Path:
    """Give a photo 0 to 5 stars in the XMP file beside it, and return that; what else is in it
    stays. Raises `CannotWrite`.
    """
    path = _find_sidecar(photo)
    seen = FileVersion.at(path)
    try:
        packet = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise CannotWrite("folder.sidecar_unreadable", name=path.name) from error
    changed = write_rating(packet, stars)
    if changed is None or len(changed) > _LONGEST:
        raise CannotWrite("folder.sidecar_unreadable", name=path.name)
    with write_atomically(path, overwrite=True, seen=seen) as stream:
        stream.write(changed)
    return path
