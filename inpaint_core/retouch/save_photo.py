"""From a filled photo to a file that was read again and compared."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import OutputOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.check_saved import Check, check_saved
from inpaint_core.photo.formats.registry import find_writable_format
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.write_photo import fit_to_format, prepare_output, write_photo


@dataclass(frozen=True)
class SavedPhoto:
    """A file that was written: ``notes`` say what could not be kept, ``bits`` are those of a
    channel as it was written, ``check`` is what reading it again showed, and ``timings`` are the
    seconds that "write" and "check" took.
    """

    path: Path
    notes: tuple[Message, ...]
    bits: int
    check: Check
    timings: dict[str, float]


def save_photo(
    path: Path,
    photo: Photo,
    reached: BoolMask,
    options: OutputOptions,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> SavedPhoto:
    """Write the photo as the ``options`` want it, whole or not at all, read the file again, and
    compare it with the photo outside of what fills ``reached`` (H, W).

    Raises what `prepare_output`, `write_photo` and `check_saved` raise, or `Cancelled`; the file
    is then as it was before, except when the check fails.
    """
    progress = Progress() if progress is None else progress
    progress.report(0.0, Message("export.preparing"))
    started = time.perf_counter()
    # One after the other, so that of a large photo no stage is held longer than it is needed.
    photo, cost = prepare_output(photo, options)
    photo, lost = fit_to_format(photo, find_writable_format(path))
    progress.report(0.2, Message("export.writing", name=path.name))
    more = write_photo(
        path,
        photo,
        quality=options.quality,
        sampling=options.chroma,
        overwrite=overwrite,
        progress=progress,
    )
    written = time.perf_counter()
    # The file is there now, and cancelling would not undo it.
    if not progress.is_cancelled:
        progress.report(0.9, Message("export.checking"))
    if options.profile != "keep":  # no block of the original has these numbers
        photo = replace(photo, jpeg=None)
    check = check_saved(path, photo, reached, quality=options.quality)
    timings = {"write": written - started, "check": time.perf_counter() - written}
    return SavedPhoto(path, (*cost, *lost, *more), photo.bits, check, timings)
