"""The photos of a batch, the mask of each, and the name of each result."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path

from inpaint_core.contract.errors import BadRequest, FileUnreadable

_ENDINGS = ("", "_mask", "-mask")
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".pgm", ".ppm")


@dataclass(frozen=True)
class BatchItem:
    """A photo and the name of its result in the output folder."""

    photo: Path
    output: str


def list_batch_items(photos: list[Path], out_dir: Path, ending: str | None) -> list[BatchItem]:
    """The photos in the order given, each once, patterns such as ``*.jpg`` resolved.

    A result has its photo's name, with ``ending`` (“.png”) in place of its own when given.
    Raises `BadRequest` when two results would have one name, or a result would replace a photo.
    """
    unique = list(dict.fromkeys(path for photo in photos for path in _expand_pattern(photo)))
    read = {path.resolve() for path in unique}
    taken: dict[str, Path] = {}
    found = []
    for photo in unique:
        output = photo.name if ending is None else photo.with_suffix(ending).name
        # File systems that ignore case would put “A.png” and “a.png” into one file.
        other = taken.setdefault(output.casefold(), photo)
        if other is not photo:
            raise BadRequest("command.same_output", one=other, other=photo, output=output)
        if (out_dir / output).resolve() in read:
            raise BadRequest("command.output_is_input", path=out_dir / output)
        found.append(BatchItem(photo, output))
    return found


def find_mask(photo: Path, masks: Path) -> Path:
    """The mask in the folder ``masks`` for ``photo``: the same name with any picture's ending,
    or else with ``_mask`` or ``-mask`` before the ending.

    Raises `FileUnreadable` when there is none and `BadRequest` when there are several.
    """
    pictures = [p for p in sorted(masks.iterdir()) if p.suffix.lower() in _PICTURES]
    for ending in _ENDINGS:
        found = [p for p in pictures if p.stem == photo.stem + ending]
        if len(found) > 1:
            raise BadRequest("command.two_masks", one=found[0], other=found[1], photo=photo)
        if found:
            return found[0]
    raise FileUnreadable("command.no_mask_for_photo", photo=photo, folder=masks, stem=photo.stem)


def _expand_pattern(photo: Path) -> list[Path]:
    """The files that match a pattern; shells on Windows leave patterns to the program."""
    text = os.fspath(photo)
    if glob.has_magic(text) and not photo.exists():
        return [Path(name) for name in sorted(glob.glob(text))] or [photo]  # noqa: PTH207
    return [photo]
