"""The files that a fill reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest, NothingFound
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.formats.decode_guard import MAX_PIXELS
from inpaint_core.photo.mask_picture import require_hole
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import interpret_mask_file, read_brightness, read_photo
from inpaint_core.retouch.guide_files import (
    check_lines,
    read_edges,
    read_lines,
    read_semantic_map,
)
from inpaint_core.selection.find_marks import FindKind, find_marks
from inpaint_core.selection.mark import draw_marks

MARKED = 128
"""The least strength (of 255) of a pixel that is protected or copied from."""


_KIND_NAMES: Mapping[FindKind, Message] = {
    "wires": Message("retouch.wires"),
    "spots": Message("retouch.spots"),
    "text": Message("retouch.text"),
}


@dataclass(frozen=True)
class Finding:
    """What is searched for in the photo, in place of a mask; ``sensitivity`` as of `find_marks`."""

    kind: FindKind
    sensitivity: float = 50.0


@dataclass(frozen=True)
class FillFiles:
    """The photo, the mask and what else the ``options`` name; ``lines`` is a file of lines.

    ``max_pixels`` is the limit on the size of each picture; None is the usual one. ``scale_mask``:
    a mask of another size, but of the photo's proportions, is scaled to it.
    """

    photo: Path
    mask: Path | Finding
    options: FillOptions[Path] = field(default_factory=FillOptions)
    lines: Path | None = None
    max_pixels: int | None = field(default=None, repr=False)  # no result depends on it
    scale_mask: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file, the photo first."""
        lines = () if self.lines is None else (self.lines,)
        semantic = () if self.options.semantic is None else (self.options.semantic,)
        mask = () if isinstance(self.mask, Finding) else (self.mask,)
        return (self.photo, *mask, *self.options.masks, *semantic, *lines)

    def read(
        self,
    ) -> tuple[Photo, NDArray[np.uint8], FillOptions[BoolMask], tuple[Message, ...]]:
        """The photo, its mask (H, W), the options with everything in them read, and notes on what
        in the masks may be meant otherwise.

        Raises what reading photos, masks, edges and lines raises, and `BadRequest` for a mask that
        marks nothing or everything, and `NothingFound` where what is searched for is not in the
        photo.
        """
        limit = MAX_PIXELS if self.max_pixels is None else self.max_pixels
        lines = () if self.lines is None else read_lines(self.lines)
        photo = read_photo(self.photo, limit)
        check_lines(lines, photo.shape)
        mask, notes = self._read_mask(photo, limit)

        def read_marked(path: Path) -> BoolMask:
            strengths = read_brightness(path, photo.shape, limit)
            most = int(strengths.max())
            if 0 < most < MARKED:
                notes.append(Message("photo.mask_marks_nothing", name=path, most=most))
            return strengths >= MARKED

        options = self.options.with_masks(
            read_marked,
            lambda path: read_edges(path, photo.shape, limit),
            lambda path: read_semantic_map(path, photo.shape, limit),
        )
        source = self.options.source
        if source is not None and options.source is not None and not options.source.any():
            most = int(read_brightness(source, photo.shape, limit).max())
            raise BadRequest("command.source_empty", name=source, most=most)
        return photo, mask, replace(options, lines=lines), tuple(notes)

    def _read_mask(self, photo: Photo, limit: int) -> tuple[NDArray[np.uint8], list[Message]]:
        if isinstance(self.mask, Finding):
            marks = find_marks(self.mask.kind, photo.pixels, self.mask.sensitivity, Progress())
            if not marks:
                what = _KIND_NAMES[self.mask.kind]
                raise NothingFound("retouch.nothing_found", path=self.photo, what=what)
            return draw_marks(marks, photo.shape), []
        reading = interpret_mask_file(self.mask, photo.shape, limit, scale=self.scale_mask)
        require_hole(reading.mask, str(self.mask))
        return reading.mask, list(reading.notes)
