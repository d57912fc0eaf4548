"""The photos of a batch, the mask of each, and the name of each result."""

from __future__ import annotations

import filecmp
import glob
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from inpaint_core.batch.batch_journal import NAME, BatchJournal
from inpaint_core.contract.errors import BadRequest, FileUnreadable

_MASK_ENDINGS = ("_mask", "-mask")
_EDGES_ENDING = ".edges"  # as the editor saves them beside a mask
PAINTED_MASK = "lacuna-mask.png"
"""The mask of a batch that was painted in the editor; it lies among the results."""
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".pgm", ".ppm")


@dataclass(frozen=True)
class BatchItem:
    """A photo and the name of its result in the output folder."""

    photo: Path
    output: str


def list_batch_items(photos: list[Path], out_dir: Path, ending: str | None) -> list[BatchItem]:
    """The photos in the order given, each once.

    A result has its photo's name, with ``ending`` (“.png”) in place of its own when given; PNG
    where the photo's own format cannot be written.
    Raises `BadRequest` when two results would have one name, or a result would replace a photo.
    """
    from inpaint_core.photo.formats.registry import writable_formats

    writable = writable_formats()
    read = {os.path.realpath(path) for path in photos}
    taken: dict[str, Path] = {}
    found = []
    for photo in photos:
        own = photo.suffix if photo.suffix.lower() in writable else ".png"
        output = photo.with_suffix(own if ending is None else ending).name
        # File systems that ignore case would put “A.png” and “a.png” into one file, and others
        # do so with two Unicode forms of a name.
        other = taken.setdefault(_normalise(output).casefold(), photo)
        if other is not photo:
            raise BadRequest("retouch.same_output", one=other, other=photo, output=output)
        if os.path.realpath(out_dir / output) in read:
            raise BadRequest("retouch.output_is_input", path=out_dir / output)
        found.append(BatchItem(photo, output))
    return found


def list_photos(
    arguments: list[Path],
    mask: Path | None,
    masks: Path | None,
    out_dir: Path | None = None,
) -> tuple[list[Path], list[Path]]:
    """The photos that the arguments name, each once, and the files that were left out as masks.

    Patterns such as ``*.jpg`` are resolved. A folder stands for the photos in it, sorted by name;
    “x_mask” and “x-mask” are masks there beside a picture “x”, and “y.edges” are edges. Of files
    that are named themselves, only those in the folder ``masks`` can be. ``mask`` is one wherever
    it comes from. Results of earlier batches in ``out_dir`` are no photos beside others, so that
    the same arguments mean the same when that folder is among them.
    Raises `BadRequest` for a folder without photos and a pattern that matches nothing, and
    `FileUnreadable` for a folder that cannot be listed.
    """
    named: dict[Path, bool] = {}  # whether a file of that name may be a mask
    for path in (path for argument in arguments for path in _expand_pattern(argument)):
        if path.is_dir():
            named |= dict.fromkeys(_list_folder(path), True)
        else:
            beside_masks = masks is not None and _is_same(path.parent, masks)
            named.setdefault(path, beside_masks)
    stems = {(path.parent, _normalise(path.stem)) for path in named}
    left_out = [
        path
        for path, may_be_mask in named.items()
        if (may_be_mask and _is_mask_name(path, stems))
        or (mask is not None and _is_same(path, mask))
    ]
    photos = [path for path in named if path not in set(left_out)]
    if out_dir is not None:
        journal = BatchJournal(out_dir)
        photos = [
            path
            for path in photos
            if not (journal.owns(path.name) or path.name == NAME)
            or not _is_same(path.parent, out_dir)
        ] or photos
    if not photos:
        raise BadRequest("retouch.no_photos", path=arguments[0])
    return photos, left_out


class MaskFolder:
    """The masks in a folder, for the ``photos`` of a batch, none of which is ever a mask."""

    def __init__(self, folder: Path, photos: Iterable[Path]) -> None:
        self.folder = folder
        taken = {_identity(photo) for photo in photos}
        self._masks: dict[str, list[Path]] = {}
        for path in _list_names(folder):
            if path.suffix.lower() in _PICTURES and _identity(path) not in taken:
                self._masks.setdefault(_normalise(path.stem), []).append(path)

    def find(self, photo: Path) -> Path:
        """The mask for ``photo``: its name with ``_mask`` or ``-mask`` and any picture's ending,
        or else the same name. Copies of the photo do not count.

        Raises `FileUnreadable` when there is none and `BadRequest` when there are several.
        """
        stem = _normalise(photo.stem)
        for ending in (*_MASK_ENDINGS, ""):
            found = [p for p in self._masks.get(stem + ending, []) if not _is_copy(p, photo)]
            if len(found) > 1:
                raise BadRequest("retouch.two_masks", one=found[0], other=found[1], photo=photo)
            if found:
                return found[0]
        raise FileUnreadable(
            "retouch.no_mask_for_photo", photo=photo, folder=self.folder, stem=photo.stem
        )


def _normalise(name: str) -> str:
    """The name in one Unicode form: macOS and others write “é” as two characters."""
    return unicodedata.normalize("NFC", name)


def _is_mask_name(path: Path, stems: set[tuple[Path, str]]) -> bool:
    stem = _normalise(path.stem)
    if path.name == PAINTED_MASK and (path.parent / NAME).exists():
        return True
    return any(
        stem.endswith(ending) and (path.parent, stem.removesuffix(ending)) in stems
        for ending in (*_MASK_ENDINGS, _EDGES_ENDING)
    )


def _list_folder(folder: Path) -> list[Path]:
    """The pictures in a folder that can be read, sorted by name, without hidden files."""
    from inpaint_core.photo.formats.registry import readable_extensions

    extensions = readable_extensions()
    return [
        path
        for path in _list_names(folder)
        if path.suffix.lower() in extensions and not path.name.startswith(".") and path.is_file()
    ]


def _list_names(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        reason = error.strerror or error
        raise FileUnreadable("photo.unreadable", path=folder, reason=reason) from error


def _identity(path: Path) -> tuple[object, ...]:
    """What is equal for all names of one file."""
    try:
        status = path.stat()
    except OSError:
        return (path.absolute(),)
    return status.st_dev, status.st_ino


def _is_same(one: Path, other: Path) -> bool:
    return _identity(one) == _identity(other)


def _is_copy(path: Path, photo: Path) -> bool:
    try:
        return filecmp.cmp(path, photo, shallow=False)
    except OSError:
        return False


def _expand_pattern(photo: Path) -> list[Path]:
    """The files that match a pattern; shells on Windows leave patterns to the program."""
    text = os.fspath(photo)
    if glob.has_magic(text) and not photo.exists():
        found = [Path(name) for name in sorted(glob.glob(text))]  # noqa: PTH207
        if not found:
            raise BadRequest("command.nothing_matches", pattern=photo)
        return found
    return [photo]
