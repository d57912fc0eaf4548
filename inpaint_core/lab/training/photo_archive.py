"""Photos in folders and tar files, read one at a time by number."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import BadRequest, FileUnreadable

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class Place:
    """Where a photo's bytes are: ``length`` from ``start`` of a file; None = all of it."""

    name: str
    path: Path
    start: int = 0
    length: int | None = None


class Photos:
    """All photos of some folders (with their sub-folders) and tar files, sorted by name.

    Raises `FileUnreadable` for a source that is missing or damaged, `BadRequest` when there is
    not one photo.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        found = [place for source in sources for place in _places(Path(source))]
        self.places = sorted(found, key=lambda place: place.name)
        if not self.places:
            raise BadRequest(
                f"There is no photo in {', '.join(sources) or 'no source'}.",
                "Name folders or tar files of photos.",
            )

    def __len__(self) -> int:
        return len(self.places)

    def read(self, number: int) -> NDArray[np.uint8] | None:
        """Photo ``number`` (H, W, 3) uint8 RGB, turned as its file says; None when its bytes are
        no picture. Safe to call from several threads.
        """
        place = self.places[number]
        with place.path.open("rb") as stream:
            stream.seek(place.start)
            content = stream.read(-1 if place.length is None else place.length)
        if not content:
            return None
        try:
            picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
        except cv2.error:  # more pixels than OpenCV takes
            return None
        return None if picture is None else np.asarray(picture, np.uint8)


def _places(source: Path) -> Iterator[Place]:
    if source.is_dir():
        for path in source.rglob("*"):
            if path.suffix.lower() in ENDINGS and path.is_file():
                yield Place(path.relative_to(source).as_posix(), path)
        return
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                if member.isfile() and member.name.lower().endswith(ENDINGS):
                    yield Place(member.name, source, member.offset_data, member.size)
    except (OSError, tarfile.TarError) as error:
        raise FileUnreadable(
            f"“{source}” is neither a folder nor a plain tar file that can be read.",
            "Name folders or uncompressed tar files of photos.",
        ) from error
