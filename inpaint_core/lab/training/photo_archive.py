"""Photos in folders and tar files, read one by one by number."""

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
class PhotoLocation:
    """Where a photo's bytes are: ``length`` bytes of a file from ``start``; None: all of it."""

    name: str
    path: Path
    start: int = 0
    length: int | None = None


class PhotoArchive:
    """All photos of some folders (with sub-folders) and tar files, sorted by name, and of ``maps``
    the pictures that are called like them but for the ending.

    Raises `FileUnreadable` for a missing or damaged source, `BadRequest` if there is no photo, or
    no map for one of them where ``maps`` are given.
    """

    def __init__(self, sources: Sequence[str], maps: Sequence[str] = ()) -> None:
        found = [place for source in sources for place in _find_photos(Path(source))]
        self.places = sorted(found, key=lambda place: place.name)
        if not self.places:
            raise BadRequest("lab.no_photos", sources=sources)
        self._maps = tuple(_match_maps(self.places, maps)) if maps else ()

    def __len__(self) -> int:
        return len(self.places)

    def read(self, number: int) -> NDArray[np.uint8] | None:
        """Photo ``number`` (H, W, 3) uint8 RGB, rotated as its file says; None if it cannot be
        decoded. Thread-safe.
        """
        return _read(self.places[number])

    def read_map(self, number: int) -> NDArray[np.uint8] | None:
        """The map of photo ``number``, as `read` gives the photo; None if there are no maps or it
        cannot be decoded. Thread-safe.
        """
        return _read(self._maps[number]) if self._maps else None

    @property
    def has_maps(self) -> bool:
        """Whether every photo has a map."""
        return bool(self._maps)


def _match_maps(photos: Sequence[PhotoLocation], sources: Sequence[str]) -> Iterator[PhotoLocation]:
    """The map of each photo."""
    found = {_stem(each): each for source in sources for each in _find_photos(Path(source))}
    for photo in photos:
        if _stem(photo) not in found:
            raise BadRequest("lab.no_map", name=photo.name)
        yield found[_stem(photo)]


def _stem(place: PhotoLocation) -> str:
    return place.name.rpartition(".")[0]


def _read(place: PhotoLocation) -> NDArray[np.uint8] | None:
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


def _find_photos(source: Path) -> Iterator[PhotoLocation]:
    if source.is_dir():
        for path in source.rglob("*"):
            if path.suffix.lower() in ENDINGS and path.is_file():
                yield PhotoLocation(path.relative_to(source).as_posix(), path)
        return
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                if member.isfile() and member.name.lower().endswith(ENDINGS):
                    yield PhotoLocation(member.name, source, member.offset_data, member.size)
    except (OSError, tarfile.TarError) as error:
        raise FileUnreadable("lab.bad_source", path=source) from error
