"""Checks that a written file still holds the photo outside of the mask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.errors import CannotWrite, PhotoDamaged
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.decode_guard import MAX_PIXELS, guard_decoding
from inpaint_core.photo.formats.format import Strips, WritableFormat
from inpaint_core.photo.formats.registry import find_writable_format
from inpaint_core.photo.photo import Photo, turn_upright
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import fit_to_format

if TYPE_CHECKING:
    from inpaint_core.photo.formats.jpeg.kept_blocks import KeptBlocks

_BAND = 256  # rows compared at once
_OTHER = Message("photo.check.other_size")


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a comparison outside of the mask.

    ``pixels`` were compared and ``differing`` of them changed, by ``mean`` levels on average over
    all compared channels and by ``most`` at most, of ``levels``. ``kept`` counts the blocks of the
    original JPEG that are still the same, where the file is made of them, and ``elsewhere`` the
    differing pixels that are neither in another block nor right beside one. ``resized`` is the size
    (width, height) of a file that was written in another one than the photo's: all of it was then
    compared with the resized photo, as no pixel of it is the photo's own.
    """

    pixels: int
    differing: int
    mean: float
    most: int
    levels: int
    kept: KeptBlocks | None = None
    elsewhere: int = 0
    resized: tuple[int, int] | None = None

    @property
    def _summary(self) -> Message:
        if self.resized is None:
            if not self.differing:
                return Message("command.check_same", pixels=self.pixels)
            return Message(
                "photo.check.differing",
                pixels=self.pixels,
                differing=self.differing,
                mean=self.mean,
                most=self.most,
                levels=self.levels,
            )
        width, height = self.resized
        if not self.differing:
            return Message(
                "command.check_same_resized", pixels=self.pixels, width=width, height=height
            )
        return Message(
            "photo.check.differing_resized",
            pixels=self.pixels,
            width=width,
            height=height,
            differing=self.differing,
            mean=self.mean,
            most=self.most,
            levels=self.levels,
        )

    @property
    def messages(self) -> tuple[Message, ...]:
        """The comparison, and what is known of a JPEG's blocks."""
        summary = self._summary
        if self.kept is None:
            return (summary,)
        if self.elsewhere:
            rest = Message("command.differing_in_blocks", count=self.elsewhere)
        elif self.differing:
            rest = Message("command.differing_elsewhere")
        else:
            return summary, self.kept.message
        return summary, self.kept.message, rest


def compare_pixels(saved: Pixels, want: Pixels, touched: BoolMask) -> Check:
    """``saved`` and ``want`` (H, W, 3) of one depth where ``touched`` (H, W) is False.

    Raises ValueError for arrays that do not belong together.
    """
    parts = (saved[top : top + _BAND] for top in range(0, len(saved), _BAND))
    return _tally(parts, want, touched)


def _tally(parts: Iterable[NDArray[Any]], want: Pixels, touched: BoolMask) -> Check:
    """As `compare_pixels`, with the file as ``parts`` (rows, W, channels) from the top. Of fewer
    than three channels the first is compared, of more the first three.
    """
    pixels = differing = most = total = top = 0
    for strip in parts:
        channels = min(strip.shape[2] if strip.shape[2] > 2 else 1, 3)
        rows = slice(top, top + len(strip))
        right, values = want[rows, :, :channels], strip[:, :, :channels]
        if values.shape != right.shape or values.dtype != want.dtype:
            raise ValueError(_OTHER)
        outside = ~touched[rows]
        pixels += int(np.count_nonzero(outside))
        # Most bands are unchanged, and comparing whole bands is quick.
        if not np.array_equal(values, right):
            changed = (values != right).any(axis=2) & outside
            count = int(np.count_nonzero(changed))
            if count:
                differing += count
                step = np.abs(values[changed].astype(np.int32) - right[changed])
                most, total = max(most, int(step.max())), total + int(step.sum()) * 3 // channels
        top += len(strip)
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
    named: Path | None = None,
    is_resized: bool = False,
) -> Check:
    """Read the file again and compare it with the ``original``, at the file's depth, where
    ``touched`` (H, W) is False.

    ``quality`` is what `write_photo` was given; ``named`` is the name that the file will have,
    where that is another one. ``original`` has the profile and the size that were written;
    ``is_resized``: the photo has another size. The blocks of a JPEG
    that was written with the original's own compression are compared too. Raises
    `CannotWrite` when the file cannot be read, or when a lossless format has lost something: then
    the disk or this program is at fault.
    """
    named = path if named is None else named
    file_format = find_writable_format(named)
    quality = file_format.choose_quality(original, quality)
    want = fit_to_format(original, file_format)[0].pixels
    try:
        check = _by_strips(path, file_format, want, touched)
        if check is None:
            saved = read_photo(path, max(MAX_PIXELS, want.size))
            check = compare_pixels(saved.pixels, want, touched)
            if quality is None:
                check = _with_blocks(check, saved, original, want, touched)
    except ValueError as error:
        raise CannotWrite("photo.check_failed", path=named, reason=error) from error
    except PhotoDamaged as error:
        reason = Message("photo.check.unreadable")
        raise CannotWrite("photo.check_failed", path=named, reason=reason) from error
    if is_resized:
        check = replace(check, resized=(want.shape[1], want.shape[0]))
    if file_format.is_lossless(quality) and check.differing:
        raise CannotWrite("photo.check_failed", path=named, reason=check.messages[0])
    return check


def _by_strips(
    path: Path, file_format: WritableFormat, want: Pixels, touched: BoolMask
) -> Check | None:
    """The comparison strip by strip, with few of them in memory; None for a file without strips."""
    if not isinstance(file_format.encoder, Strips):
        return None
    with guard_decoding(path):
        strips = file_format.encoder.read_back(path)
    return None if strips is None else _tally(_decode_strips(strips, path), want, touched)


def _decode_strips(strips: Iterator[NDArray[Any]], path: Path) -> Iterator[NDArray[Any]]:
    """The strips; what a decoder raises over one of them becomes `PhotoDamaged`."""
    while True:
        with guard_decoding(path):
            strip = next(strips, None)
        if strip is None:
            return
        yield strip


def _with_blocks(
    check: Check, saved: Photo, original: Photo, want: Pixels, touched: BoolMask
) -> Check:
    """The check, with the number of the ``original`` JPEG's blocks that the file ``saved`` still
    holds exactly, where both are JPEGs whose blocks match up.
    """
    if saved.jpeg is None or original.jpeg is None or not original.jpeg.source:
        return check
    from inpaint_core.photo.formats.jpeg.coefficients import read_planes
    from inpaint_core.photo.formats.jpeg.kept_blocks import compare_blocks

    orientation = original.origin.orientation
    if orientation != saved.origin.orientation:
        return check
    height, width = original.shape
    size = (width, height) if orientation >= 5 else (height, width)
    try:
        before = read_planes(original.jpeg.source, size)
        after = read_planes(saved.jpeg.source, size)
    except ValueError:
        return check  # then they were encoded anew, as a note on writing says
    blocks = compare_blocks(before, after)
    if blocks is None:
        return check
    kept, near = blocks
    near = turn_upright(near.astype(np.uint8), orientation) > 0
    elsewhere = compare_pixels(saved.pixels, want, touched | near).differing
    return replace(check, kept=kept, elsewhere=elsewhere)
