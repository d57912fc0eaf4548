"""A document's pixels at 8 bits, at full size, a half, a quarter, ..., and their colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from app.ui.painting.pyramid import Patches, Pyramid
from app.ui.painting.screen_colours import Colours
from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.photo import Photo, as_pixels

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.document.change import Change
    from app.document.document import Document

Which = Literal["now", "before", "preview"]
"""``now``: the document; ``before``: the photo as it was opened; ``preview``: the document with
what a running fill has finished."""

_BAND = 512  # rows converted at a time: Qt needs several times a band's memory for it


class Picture:
    """What the canvas draws of one document.

    A photo of 8 bits costs no memory at full size: the document's own pixels are drawn. Of one of
    16 bits, 8 are held (3 bytes each). The smaller levels take a third of that. They become the
    screen's colours where they are drawn. What the photo was before is held in tiles, and
    only where it changed. Belongs to the UI thread once it is built.
    """

    def __init__(self, photo: Photo, colours: Colours, pyramid: Pyramid) -> None:
        self._photo = photo
        self.colours = colours
        self._now = pyramid
        self._alpha = None if photo.alpha is None else Pyramid(_eight(photo.alpha))
        # As with the pixels: at 8 bits the photo's own are what it was before, at full size.
        shared = 1 if photo.bits == 8 else 0
        self._alpha_before = None if self._alpha is None else Patches(self._alpha, shared)
        self._shared = photo.bits == 8
        # Where the document's pixels are drawn, the photo's own are what they were before.
        self._before = Patches(pyramid, first=1 if self._shared else 0)
        self._preview: Patches | None = None
        self._previewed = Rect(0, 0, 0, 0)
        self._unsubscribe: Callable[[], None] | None = None
        self._followed: Document | None = None

    @classmethod
    def of(cls, photo: Photo, progress: Progress | None = None) -> Picture:
        """The picture of a photo that was just opened. On any thread; may raise `Cancelled`."""
        colours = Colours(photo)
        if photo.bits == 8:
            base = np.asarray(photo.pixels, np.uint8)
        else:
            base = np.empty(photo.pixels.shape, np.uint8)
            for top in range(0, photo.shape[0], _BAND):
                if progress is not None:
                    progress.check()
                base[top : top + _BAND] = colours.held(photo.pixels[top : top + _BAND])
        return cls(photo, colours, Pyramid(base))

    # -- what it is ------------------------------------------------------------------------------

    @property
    def understood(self) -> bool:
        """False where the photo's colour profile cannot be read: it is shown as sRGB."""
        return self.colours.understood

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) at full size."""
        return self._photo.shape

    @property
    def levels(self) -> int:
        """How many sizes there are."""
        return len(self._now.levels)

    @property
    def nbytes(self) -> int:
        """Bytes that the picture takes besides the document's own."""
        held = [*self._now.levels[1 if self._shared else 0 :]]
        if self._alpha is not None:
            held += self._alpha.levels[1 if self._photo.bits == 8 else 0 :]
        total = sum(level.nbytes for level in held) + self._before.nbytes
        return total + (0 if self._preview is None else self._preview.nbytes)

    def size(self, level: int) -> tuple[int, int]:
        """(H, W) of a level."""
        height, width = self._now.levels[level].shape[:2]
        return height, width

    def read(self, level: int, rect: Rect, which: Which = "now") -> NDArray[np.uint8]:
        """The photo's numbers (h, w, 3) in ``rect`` of a level, in its pixels, as
        `Colours.drawn` takes them; not to be written to.
        """
        if which == "before":
            if level == 0 and self._shared:
                return np.asarray(self._photo.pixels[rect.slices], np.uint8)
            return self._before.read(level, rect)
        if which == "preview" and self._preview is not None:
            return self._preview.read(level, rect)
        return self._now.read(level, rect)

    @property
    def transparent(self) -> bool:
        """True for a photo that has an alpha channel."""
        return self._alpha is not None

    def read_alpha(self, level: int, rect: Rect, which: Which = "now") -> NDArray[np.uint8]:
        """How opaque (h, w) the photo is in ``rect`` of a level. For a transparent photo."""
        assert self._alpha is not None
        assert self._alpha_before is not None
        if which != "before":
            return self._alpha.read(level, rect)
        if level == 0 and self._photo.alpha is not None and self._photo.bits == 8:
            return np.asarray(self._photo.alpha[rect.slices], np.uint8)
        return self._alpha_before.read(level, rect)

    def thumbnail(self, side: int) -> QImage:
        """The document as it is now, its longer side ``side`` pixels at the most."""
        height, width = self.shape
        scale = min(side / max(height, width), 1.0)
        level = max(
            k for k in range(self.levels) if k == 0 or max(self.size(k)) >= scale * max(self.shape)
        )
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        small = cv2.resize(self._now.levels[level], size, interpolation=cv2.INTER_AREA)
        return self.colours.drawn(np.asarray(small, np.uint8)).copy()

    # -- what changes ----------------------------------------------------------------------------

    def follow(self, document: Document) -> None:
        """Take over every change of the document's pixels from now on."""
        if self._followed is not document:
            self.unfollow()
            self._followed = document
            self._unsubscribe = document.subscribe(self._on_change)

    def unfollow(self) -> None:
        """Let go of the document."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._unsubscribe = self._followed = None

    def update(self, pixels: Pixels, rect: Rect) -> None:
        """Take over what changed in ``rect`` of the document's pixels (H, W, 3)."""
        rect = rect.intersect(Rect.whole(self.shape))
        if rect.empty:
            return
        self._before.hold(rect)
        if self._shared:
            base = np.asarray(pixels, np.uint8)
        else:
            base = self._now.levels[0]
            base[rect.slices] = self.colours.held(pixels[rect.slices])
        self._now.update(base, rect)

    def update_alpha(self, alpha: Pixels, rect: Rect) -> None:
        """Take over what changed in ``rect`` of how opaque (H, W) the document is."""
        assert self._alpha is not None
        assert self._alpha_before is not None
        rect = rect.intersect(Rect.whole(self.shape))
        if rect.empty:
            return
        self._alpha_before.hold(rect)
        if alpha.dtype == np.uint8:
            base = np.asarray(alpha, np.uint8)
        else:
            base = self._alpha.levels[0]
            base[rect.slices] = _eight(alpha[rect.slices])
        self._alpha.update(base, rect)

    def preview(self, rect: Rect, pixels: Pixels) -> None:
        """Show ``pixels`` (h, w, 3), at the photo's depth, in ``rect`` until they are cleared."""
        inside = rect.intersect(Rect.whole(self.shape))
        if inside.empty:
            return
        if self._preview is None:
            self._preview = Patches(self._now)
        part = pixels[inside.translate(-rect.x, -rect.y).slices]
        self._preview.write(inside, self.colours.held(part))
        self._previewed = self._previewed.union(inside)

    def clear_preview(self) -> Rect:
        """Show the document again; returns where something else was shown."""
        cleared, self._previewed = self._previewed, Rect(0, 0, 0, 0)
        self._preview = None
        return cleared

    def _on_change(self, change: Change) -> None:
        if change.layer == "pixels" and self._followed is not None:
            self.update(self._followed.pixels, change.rect)
        elif change.layer == "alpha" and self._followed is not None:
            alpha = self._followed.alpha
            assert alpha is not None
            self.update_alpha(as_pixels(alpha), change.rect)


def _eight(values: Pixels) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    return np.asarray(cv2.convertScaleAbs(values, alpha=1 / 257), np.uint8)
