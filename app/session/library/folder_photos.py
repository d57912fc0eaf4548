"""The photos of a folder, and what has become of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.system.association.file_kinds import PROJECT_SUFFIX
from inpaint_core.batch.batch_items import list_photos
from inpaint_core.contract.errors import BadRequest, FileUnreadable

PhotoState = Literal["untouched", "project", "retouched"]
"""Nothing yet; a project lies beside it; a retouched copy does, perhaps a project, too."""

_COPY = re.compile(r"-lacuna(-\d+)?$")


@dataclass(frozen=True)
class FolderPhoto:
    """A photo of a folder. ``state``: what lies beside it."""

    path: Path
    state: PhotoState


def list_folder_photos(folder: Path) -> tuple[FolderPhoto, ...]:
    """The photos in ``folder`` as people count them (“2” before “10”), without masks, hidden files,
    and the retouched copies “name-lacuna” of others; none where the folder holds none.

    Raises `FileUnreadable` where it cannot be listed.
    """
    if not folder.is_dir():  # it would count as a photo that was named
        raise FileUnreadable("photo.no_such_file", path=folder)
    try:
        found, _ = list_photos([folder], None, None)
    except BadRequest:
        return ()
    stems = {path.stem for path in found}
    copies = {path.stem: _COPY.sub("", path.stem) for path in found if _COPY.search(path.stem)}
    originals = {of for of in copies.values() if of in stems}
    projects = {path.stem for path in folder.glob(f"*{PROJECT_SUFFIX}")}

    def tell_state(stem: str) -> PhotoState:
        if stem in originals:
            return "retouched"
        return "project" if stem in projects else "untouched"

    shown = (path for path in found if copies.get(path.stem) not in stems)
    ordered = sorted(shown, key=count_naturally)
    return tuple(FolderPhoto(path, tell_state(path.stem)) for path in ordered)


def count_naturally(path: Path) -> list[tuple[int, int, str]]:
    """A key that sorts files by their names, and numbers in those by their value."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]
