"""The photos of a folder: what has become of each, when it was taken, and its stars."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from app.session.library.star_ratings import read_stars, sidecar_names
from app.system.association.file_kinds import PROJECT_SUFFIX
from inpaint_core.batch.batch_items import list_photos
from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.photo.metadata.capture_facts import CaptureFacts, read_capture_facts

PhotoState = Literal["untouched", "project", "retouched"]
"""Nothing yet; a project lies beside it; a retouched copy does, perhaps a project, too."""

SortKey = Literal["name", "taken", "modified"]
"""By name, by the time on the camera's clock, by the time of the file."""

_COPY = re.compile(r"-lacuna(-\d+)?$")


@dataclass(frozen=True)
class FolderPhoto:
    """A photo of a folder. ``state``: what lies beside it. ``modified``: when the file was written,
    in seconds since 1970. ``sidecar``: the XMP file beside it, and ``sidecar_modified`` when that
    was written. ``facts``: what was read of it; None: not yet.
    """

    path: Path
    state: PhotoState
    modified: float = field(default=0.0, compare=False)
    sidecar: Path | None = None
    sidecar_modified: float = field(default=0.0, compare=False)
    facts: CaptureFacts | None = None

    @property
    def stars(self) -> int:
        """0 to 5."""
        return max(0, self.facts.rating or 0) if self.facts is not None else 0

    @property
    def stamp(self) -> tuple[float, Path | None, float]:
        """What changes when the facts may have changed."""
        return self.modified, self.sidecar, self.sidecar_modified


def list_folder_photos(folder: Path, deep: bool = False) -> tuple[FolderPhoto, ...]:
    """The photos in ``folder`` as people count them (“2” before “10”), without masks, hidden files,
    and the retouched copies “name-lacuna” of others; none where the folder holds none. ``deep``:
    also those in its sub-folders, folder by folder, without hidden ones and links.

    Raises `FileUnreadable` where it cannot be listed.
    """
    if not folder.is_dir():  # it would count as a photo that was named
        raise FileUnreadable("photo.no_such_file", path=folder)
    found = list(_list_one(folder))
    for inner, names, _ in os.walk(folder) if deep else ():
        names[:] = sorted(name for name in names if not name.startswith("."))
        if Path(inner) != folder:
            with suppress(FileUnreadable):  # the others are there
                found += _list_one(Path(inner))
    return tuple(sorted(found, key=lambda photo: count_naturally(photo.path)))


def _list_one(folder: Path) -> Iterator[FolderPhoto]:
    """The photos of one folder, in no order."""
    try:
        found, _ = list_photos([folder], None, None)
    except BadRequest:
        return
    stems = {path.stem for path in found}
    copies = {path.stem: _COPY.sub("", path.stem) for path in found if _COPY.search(path.stem)}
    originals = {of for of in copies.values() if of in stems}
    projects = {path.stem for path in folder.glob(f"*{PROJECT_SUFFIX}")}
    sidecars = {path.name: path for path in folder.glob("*.[xX][mM][pP]")}

    def tell_state(stem: str) -> PhotoState:
        if stem in originals:
            return "retouched"
        return "project" if stem in projects else "untouched"

    for path in found:
        if copies.get(path.stem) not in stems:
            beside = (sidecars[name] for name in sidecar_names(path) if name in sidecars)
            sidecar = next(beside, None)
            written = 0.0 if sidecar is None else _find_time(sidecar)
            yield FolderPhoto(path, tell_state(path.stem), _find_time(path), sidecar, written)


def _find_time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # it is gone meanwhile
        return 0.0


def read_facts(photo: FolderPhoto) -> CaptureFacts:
    """What the photo's file says of it, with the stars of its sidecar where that gives some."""
    facts = CaptureFacts()
    with suppress(OSError):
        facts = read_capture_facts(photo.path)
    stars = None if photo.sidecar is None else read_stars(photo.sidecar)
    return facts if stars is None else CaptureFacts(facts.taken, stars)


def list_sorted(folder: Path, deep: bool, by: SortKey) -> list[FolderPhoto]:
    """As `list_folder_photos`, in another order. Reads the files where that needs it."""
    photos = list_folder_photos(folder, deep)
    facts = {photo.path: read_facts(photo) for photo in photos} if by == "taken" else {}
    return sorted(photos, key=lambda photo: sort_key(photo, by, facts))


def sort_key(
    photo: FolderPhoto, by: SortKey, facts: Mapping[Path, CaptureFacts] | None = None
) -> tuple[Any, ...]:
    """A key that sorts photos, by their names where they are equal; a photo that does not say when
    it was taken counts by the time of its file. ``facts``: those of photos that have none.
    """
    name = count_naturally(photo.path)
    if by == "name":
        return (name,)
    known = photo.facts or (facts or {}).get(photo.path, CaptureFacts())
    if by == "taken" and known.taken:
        from datetime import datetime

        with suppress(ValueError, OverflowError):
            return datetime.strptime(known.taken, "%Y:%m:%d %H:%M:%S").timestamp(), name
    return photo.modified, name


def count_naturally(path: Path) -> list[list[tuple[int, int, str]]]:
    """A key that sorts files by their folders and their names, and numbers in those by their
    value.
    """
    return [_count(str(path.parent)), _count(path.name)]


def _count(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", name.casefold())
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]
