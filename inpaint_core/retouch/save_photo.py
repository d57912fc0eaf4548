"""From a filled photo to a file that was read again and compared."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import OutputOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.check_saved import Check, check_saved
from inpaint_core.photo.file_version import FileVersion
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

    @property
    def loss(self) -> tuple[Message, ...]:
        """A note where pixels that nothing filled are not what they were, as the format has it; in
        another size, where any are not what was computed.
        """
        check = self.check
        if not check.differing:
            return ()
        kind = "outside" if check.resized is None else "resized"
        message = Message(
            f"command.codec_loss_{kind}",
            share=f"{100 * check.differing / check.pixels:.3g}",
            most=check.most,
            levels=check.levels,
            format=find_writable_format(self.path).title,
        )
        return (message,)


def save_photo(
    path: Path,
    photo: Photo,
    reached: BoolMask,
    options: OutputOptions,
    *,
    overwrite: bool = False,
    seen: FileVersion | None = None,
    progress: Progress | None = None,
) -> SavedPhoto:
    """Write the photo as the ``options`` want it, read what was written again, compare it with the
    photo outside of what fills ``reached`` (H, W), and only then put it at ``path``. A file in
    another size than the photo's is compared with the resized photo, all of it.

    ``seen`` is the version of the file that may be replaced, None the one that is there now. Raises
    what `prepare_output`, `write_photo` and `check_saved` raise, or `Cancelled`; the file is then
    as it was before.
    """
    progress = Progress() if progress is None else progress
    progress.report(0.0, Message("export.preparing"))
    started = time.perf_counter()
    # One after the other, so that of a large photo no stage is held longer than it is needed.
    shape = photo.shape
    photo, cost = prepare_output(photo, options)
    is_resized = photo.shape != shape
    if is_resized:
        reached = np.zeros(photo.shape, np.bool_)
    photo, lost = fit_to_format(photo, find_writable_format(path))
    # After a conversion no block of the original has these numbers.
    original = photo if options.profile == "keep" else replace(photo, jpeg=None)
    progress.report(0.2, Message("export.writing", name=path.name))
    checks: list[Check] = []
    timings: dict[str, float] = {}

    def check(written: Path) -> None:
        timings["write"] = time.perf_counter() - started
        progress.report(0.9, Message("export.checking"))
        checks.append(
            check_saved(
                written,
                original,
                reached,
                quality=options.quality,
                named=path,
                is_resized=is_resized,
            )
        )
        timings["check"] = time.perf_counter() - started - timings["write"]

    more = write_photo(
        path,
        photo,
        quality=options.quality,
        sampling=options.chroma,
        overwrite=overwrite,
        progress=progress,
        seen=seen,
        check=check,
    )
    return SavedPhoto(path, (*cost, *lost, *more), photo.bits, checks[0], timings)
