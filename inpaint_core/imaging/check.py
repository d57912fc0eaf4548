"""Whether a file that was written holds, outside of the mask, what the photo had there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inpaint_core.contract import BoolMask, Pixels
from inpaint_core.errors import CannotWrite
from inpaint_core.imaging.photo import Photo
from inpaint_core.imaging.read import read_photo
from inpaint_core.imaging.source import MAX_PIXELS
from inpaint_core.imaging.write import fitted, format_of

if TYPE_CHECKING:
    from inpaint_core.imaging.dct.keep import Kept

_BAND = 256  # rows compared at once


@dataclass(frozen=True, slots=True)
class Check:
    """What a comparison outside of the mask showed.

    ``pixels`` were compared and ``differing`` of them are not as they were, by ``mean`` levels on
    the average of all their channels and by ``most`` at the most, of ``levels``. ``kept`` counts
    the blocks of the original JPEG that are still the same, where the file is made of them.
    """

    pixels: int
    differing: int
    mean: float
    most: int
    levels: int
    kept: Kept | None = None

    @property
    def sentence(self) -> str:
        """The comparison in a sentence for a person."""
        said = f"{self.differing:,} of {self.pixels:,} pixels outside the mask differ"
        if self.differing:
            said += f", by {self.mean:.2f} levels on average and {self.most} at the most,"
            said += f" of {self.levels}"
        return said + "." + ("" if self.kept is None else f" {self.kept.sentence}")


def compared(found: Pixels, want: Pixels, touched: BoolMask) -> Check:
    """``found`` and ``want`` (H, W, 3) of one depth where ``touched`` (H, W) is False.

    Raises ValueError for arrays that do not belong together.
    """
    if found.shape != want.shape or found.dtype != want.dtype:
        raise ValueError("the file has another size or depth than what was written")
    pixels = differing = most = total = 0
    for top in range(0, len(want), _BAND):
        rows = slice(top, top + _BAND)
        outside = ~touched[rows]
        pixels += int(np.count_nonzero(outside))
        changed = (found[rows] != want[rows]).any(axis=2) & outside
        count = int(np.count_nonzero(changed))
        if count:
            differing += count
            step = np.abs(found[rows][changed].astype(np.int32) - want[rows][changed])
            most, total = max(most, int(step.max())), total + int(step.sum())
    mean = total / (3 * pixels) if pixels else 0.0
    return Check(pixels, differing, mean, most, int(np.iinfo(want.dtype).max))


def check_saved(
    path: Path,
    original: Photo,
    touched: BoolMask,
    *,
    quality: int | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Check:
    """Read the file again and compare it with the ``original``, at the file's depth.

    ``quality`` is what `inpaint_core.imaging.write.write_photo` was given. ``original`` has the
    profile that was written. In a JPEG that was written with the original's own compression the
    blocks are compared too. Raises `CannotWrite` when the file cannot be read, or when a format
    without loss has lost something: then the disk or this program is at fault.
    """
    kind = format_of(path)
    lossless = kind.name not in ("JPEG", "WebP") or (kind.name == "WebP" and quality == 100)
    want = fitted(original, kind)[0].pixels
    found = read_photo(path, max(max_pixels, want.size))
    try:
        check = compared(found.pixels, want, touched)
    except ValueError as error:
        raise _failed(path, str(error)) from error
    if quality is None and kind.name == "JPEG":
        check = replace(check, kept=kept_blocks(found, original))
    if lossless and check.differing:
        raise _failed(path, check.sentence.rstrip("."))
    return check


def kept_blocks(found: Photo, original: Photo) -> Kept | None:
    """How many blocks of the ``original`` JPEG the one that was ``found`` still has, exactly.

    None where either is no JPEG, or where they are not made of the same blocks.
    """
    if found.jpeg is None or original.jpeg is None or not original.jpeg.source:
        return None
    from inpaint_core.imaging.dct import keep

    try:
        before = keep.coefficients(original.jpeg.source, original.origin.turn, original.shape)
        return keep.kept(before, keep.coefficients(found.jpeg.source, 1, found.shape))
    except ValueError:
        return None  # then they were coded anew, and a note on writing has said so


def _failed(path: Path, why: str) -> CannotWrite:
    return CannotWrite(
        f"“{path}” was written, but does not hold what it should: {why}.",
        "Write it once more, and check the disk.",
    )
