"""Which photos a batch has, which mask goes with each, and where each result is put."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path

from inpaint_core.contract.errors import BadRequest, FileUnreadable

_ENDINGS = ("", "_mask", "-mask")
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".pgm", ".ppm")


@dataclass(frozen=True)
class Pair:
    """A photo and the name of its result in the output folder."""

    photo: Path
    output: str


def pairs(photos: list[Path], out_dir: Path, ending: str | None) -> list[Pair]:
    """The photos in the order given, each once, patterns such as ``*.jpg`` resolved.

    A result has its photo's name, with ``ending`` (“.png”) in place of its own when given.
    Raises `BadRequest` when two results would have one name, or a result would replace a photo.
    """
    unique = list(dict.fromkeys(path for photo in photos for path in _expanded(photo)))
    read = {path.resolve() for path in unique}
    taken: dict[str, Path] = {}
    found = []
    for photo in unique:
        output = photo.name if ending is None else photo.with_suffix(ending).name
        # File systems that ignore case would put “A.png” and “a.png” into one file.
        other = taken.setdefault(output.casefold(), photo)
        if other is not photo:
            raise BadRequest(
                f"“{other}” and “{photo}” would both become “{output}”.",
                "Fill them in two batches with different output folders.",
            )
        if (out_dir / output).resolve() in read:
            raise BadRequest(
                f"The result “{out_dir / output}” would replace a photo of this batch.",
                "Choose an output folder that holds no photos of the batch.",
            )
        found.append(Pair(photo, output))
    return found


def mask_for(photo: Path, masks: Path) -> Path:
    """The mask in the folder ``masks`` for ``photo``: the same name with any picture's ending,
    or else with ``_mask`` or ``-mask`` before the ending.

    Raises `FileUnreadable` when there is none and `BadRequest` when there are several.
    """
    pictures = [p for p in sorted(masks.iterdir()) if p.suffix.lower() in _PICTURES]
    for ending in _ENDINGS:
        found = [p for p in pictures if p.stem == photo.stem + ending]
        if len(found) > 1:
            raise BadRequest(
                f"“{found[0]}” and “{found[1]}” could both be the mask of “{photo}”.",
                "Keep one of them in the folder of masks.",
            )
        if found:
            return found[0]
    raise FileUnreadable(
        f"There is no mask for “{photo}” in “{masks}”.",
        f"Name it “{photo.stem}.png” or “{photo.stem}_mask.png”.",
    )


def _expanded(photo: Path) -> list[Path]:
    """The files a pattern stands for; Windows' shells leave that to the program."""
    text = os.fspath(photo)
    if glob.has_magic(text) and not photo.exists():
        return [Path(name) for name in sorted(glob.glob(text))] or [photo]  # noqa: PTH207
    return [photo]
