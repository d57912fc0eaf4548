"""Whether a file that was written holds, outside of the mask, what the photo had there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.errors import CannotWrite, PhotoDamaged
from inpaint_core.photo.formats.png import png_rows as lines
from inpaint_core.photo.formats.source_bytes import MAX_PIXELS, decoding
from inpaint_core.photo.formats.tiff import tiff_strips as bands
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import Format, fitted, format_of

if TYPE_CHECKING:
    from inpaint_core.photo.formats.jpeg.kept_blocks import Kept

_BAND = 256  # rows compared at once
_OTHER = "the file has another size or depth than what was written"


@dataclass(frozen=True, slots=True)
class Check:
    """What a comparison outside of the mask showed.

    ``pixels`` were compared and ``differing`` of them are not as they were, by ``mean`` levels on
    the average of all their channels and by ``most`` at the most, of ``levels``. ``kept`` counts
    the blocks of the original JPEG that are still the same, where the file is made of them, and
    ``elsewhere`` the differing pixels that are neither in another block nor right beside one;
    ``turned`` says that the blocks were turned with the photo.
    """

    pixels: int
    differing: int
    mean: float
    most: int
    levels: int
    kept: Kept | None = None
    elsewhere: int = 0
    turned: bool = False

    @property
    def sentence(self) -> str:
        """The comparison in a sentence for a person, and what is known of a JPEG's blocks."""
        said = f"{self.differing:,} of {self.pixels:,} pixels outside the mask differ"
        if self.differing:
            said += f", by {self.mean:.2f} levels on average and {self.most} at the most,"
            said += f" of {self.levels}"
        said += "."
        if self.kept is None:
            return said
        said += f" {self.kept.sentence}"
        if self.elsewhere:
            said += f" {self.elsewhere:,} of the differing pixels lie in those"
            said += ": decoders round turned blocks otherwise." if self.turned else "."
        elif self.differing:
            said += " All differing pixels lie in the others or right beside them."
        return said


def compared(found: Pixels, want: Pixels, touched: BoolMask) -> Check:
    """``found`` and ``want`` (H, W, 3) of one depth where ``touched`` (H, W) is False.

    Raises ValueError for arrays that do not belong together.
    """
    parts = (found[top : top + _BAND] for top in range(0, len(found), _BAND))
    return _tallied(parts, want, touched)


def _tallied(parts: Iterable[NDArray[Any]], want: Pixels, touched: BoolMask) -> Check:
    """As `compared`, with what was found in ``parts`` (rows, W, channels), from the top. Of less
    than three channels the first is compared, of more the first three.
    """
    pixels = differing = most = total = top = 0
    for found in parts:
        channels = min(found.shape[2] if found.shape[2] > 2 else 1, 3)
        rows = slice(top, top + len(found))
        right, values = want[rows, :, :channels], found[:, :, :channels]
        if values.shape != right.shape or values.dtype != want.dtype:
            raise ValueError(_OTHER)
        outside = ~touched[rows]
        pixels += int(np.count_nonzero(outside))
        # Most of the bands are as they were: a look at all of their bytes is quick.
        if not np.array_equal(values, right):
            changed = (values != right).any(axis=2) & outside
            count = int(np.count_nonzero(changed))
            if count:
                differing += count
                step = np.abs(values[changed].astype(np.int32) - right[changed])
                most, total = max(most, int(step.max())), total + int(step.sum()) * 3 // channels
        top += len(found)
    if top != len(want):
        raise ValueError(_OTHER)
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

    ``quality`` is what `inpaint_core.photo.write_photo.write_photo` was given. ``original`` has the
    profile that was written. In a JPEG that was written with the original's own compression the
    blocks are compared too. Raises `CannotWrite` when the file cannot be read, or when a format
    without loss has lost something: then the disk or this program is at fault.
    """
    kind = format_of(path)
    lossless = kind.name not in ("JPEG", "WebP") or (kind.name == "WebP" and quality == 100)
    want = fitted(original, kind)[0].pixels
    try:
        check = _by_strips(path, kind, want, touched)
        if check is None:
            found = read_photo(path, max(max_pixels, want.size))
            check = compared(found.pixels, want, touched)
            if quality is None and kind.name == "JPEG":
                check = _with_blocks(check, found, original, want, touched)
    except ValueError as error:
        raise _failed(path, str(error)) from error
    except PhotoDamaged as error:
        raise _failed(path, "it cannot be read again") from error
    if lossless and check.differing:
        raise _failed(path, check.sentence.rstrip("."))
    return check


def _by_strips(path: Path, kind: Format, want: Pixels, touched: BoolMask) -> Check | None:
    """The comparison with only a few strips of the file in memory; None where it has none."""
    strips: Iterator[NDArray[Any]] | None = None
    with decoding(path):
        if kind.name == "TIFF":
            strips = bands.from_file(path)
        elif kind.name == "PNG":
            strips = lines.from_file(path)
    return None if strips is None else _tallied(_decoded(strips, path), want, touched)


def _decoded(strips: Iterator[NDArray[Any]], path: Path) -> Iterator[NDArray[Any]]:
    """The strips; what a decoder raises over one of them becomes `PhotoDamaged`."""
    while True:
        with decoding(path):
            found = next(strips, None)
        if found is None:
            return
        yield found


def _with_blocks(
    check: Check, found: Photo, original: Photo, want: Pixels, touched: BoolMask
) -> Check:
    blocks = kept_blocks(found, original)
    if blocks is None:
        return check
    kept, near = blocks
    elsewhere = compared(found.pixels, want, touched | near).differing
    return replace(check, kept=kept, elsewhere=elsewhere, turned=original.origin.turn != 1)


def kept_blocks(found: Photo, original: Photo) -> tuple[Kept, BoolMask] | None:
    """How many blocks of the ``original`` JPEG the one that was ``found`` still has, exactly, and
    the pixels (H, W) in others or right beside them.

    None where either is no JPEG, or where they are not made of the same blocks.
    """
    if found.jpeg is None or original.jpeg is None or not original.jpeg.source:
        return None
    from inpaint_core.photo.formats.jpeg import kept_blocks as keep

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
