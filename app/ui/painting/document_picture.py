"""A document's pixels at 8 bits, at full, half, quarter size and so on, and their colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from app.ui.painting.preview_layer import PreviewLayer
from app.ui.painting.pyramid import Pyramid, PyramidPatches
from app.ui.painting.screen_colours import ScreenColours
from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.preview import FillPreview
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.photo import Photo, as_pixels, to_eight_bits

if TYPE_CHECKING:
    from app.document.document import Document
    from app.document.layer_tiles import LayerChange

PictureState = Literal["now", "before", "preview"]
"""``now``: the document; ``before``: the photo as opened; ``preview``: the document with the
finished parts of a running fill."""

_BAND = 512  # rows converted at a time: Qt needs several times their memory for it


class DocumentPicture:
    """What the canvas draws of one document.

    An 8-bit photo costs no memory at full size: the document's own pixels are drawn. A 16-bit photo
    is stored at 8 bits (3 bytes per pixel). The smaller levels take a third of that. Colours are
    converted to the screen's when they are drawn. The state before the edits is stored in tiles,
    only where it changed. Belongs to the UI thread once it is built.
    """

    def __init__(self, photo: Photo, colours: ScreenColours, pyramid: Pyramid) -> None:
        self._photo = photo
        self.colours = colours
        self._now = pyramid
        self._alpha = None if photo.alpha is None else Pyramid(to_eight_bits(photo.alpha))
        # As for the pixels: at 8 bits and full size, the photo itself holds the state before.
        first = 1 if photo.bits == 8 else 0
        self._alpha_before = None if self._alpha is None else PyramidPatches(self._alpha, first)
        self._shares_pixels = photo.bits == 8
        # Where the document's pixels are drawn, the photo itself holds the state before.
        self._before = PyramidPatches(pyramid, first=1 if self._shares_pixels else 0)
        self._preview: PyramidPatches | None = None  # of finished parts
        self._preview_alpha: PyramidPatches | None = None
        self._previewed = Rect(0, 0, 0, 0)
        self.previews = PreviewLayer(colours)  # of parts that are not finished
        self._unsubscribe: Callable[[], None] | None = None
        self._followed: Document | None = None

    @classmethod
    def from_photo(cls, photo: Photo, progress: Progress | None = None) -> DocumentPicture:
        """The picture of a newly opened photo. On any thread; raises `Cancelled`."""
        colours = ScreenColours(photo)
        if photo.bits == 8:
            base = np.asarray(photo.pixels, np.uint8)
        else:
            base = np.empty(photo.pixels.shape, np.uint8)
            for top in range(0, photo.shape[0], _BAND):
                if progress is not None:
                    progress.check()
                base[top : top + _BAND] = colours.encode(photo.pixels[top : top + _BAND])
        return cls(photo, colours, Pyramid(base))

    # -- reading ---------------------------------------------------------------------------------

    @property
    def has_readable_profile(self) -> bool:
        """False if the photo's colour profile cannot be read: it is shown as sRGB."""
        return self.colours.has_readable_profile

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) at full size."""
        return self._photo.shape

    @property
    def levels(self) -> int:
        """The number of levels."""
        return len(self._now.levels)

    @property
    def nbytes(self) -> int:
        """The memory of the picture in bytes, without the document's own."""
        levels = [*self._now.levels[1 if self._shares_pixels else 0 :]]
        if self._alpha is not None:
            levels += self._alpha.levels[1 if self._photo.bits == 8 else 0 :]
        total = sum(level.nbytes for level in levels) + self._before.nbytes
        total += self.previews.nbytes
        return total + (0 if self._preview is None else self._preview.nbytes)

    def level_size(self, level: int) -> tuple[int, int]:
        """(H, W) of a level."""
        height, width = self._now.levels[level].shape[:2]
        return height, width

    def read(self, level: int, rect: Rect, which: PictureState = "now") -> NDArray[np.uint8]:
        """The encoded pixels (h, w, 3) in ``rect`` of a level, in pixels of the level, for
        `ScreenColours.to_image`; read-only.
        """
        if which == "before":
            if level == 0 and self._shares_pixels:
                return np.asarray(self._photo.pixels[rect.slices], np.uint8)
            return self._before.read(level, rect)
        if which == "preview" and self._preview is not None:
            return self._preview.read(level, rect)
        return self._now.read(level, rect)

    @property
    def has_alpha(self) -> bool:
        """True for a photo with an alpha channel."""
        return self._alpha is not None

    def read_alpha(self, level: int, rect: Rect, which: PictureState = "now") -> NDArray[np.uint8]:
        """The alpha channel (h, w) in ``rect`` of a level; only for a photo that has one."""
        assert self._alpha is not None
        assert self._alpha_before is not None
        if which == "preview" and self._preview_alpha is not None:
            return self._preview_alpha.read(level, rect)
        if which != "before":
            return self._alpha.read(level, rect)
        if level == 0 and self._photo.alpha is not None and self._photo.bits == 8:
            return np.asarray(self._photo.alpha[rect.slices], np.uint8)
        return self._alpha_before.read(level, rect)

    # -- updating --------------------------------------------------------------------------------

    def follow(self, document: Document) -> None:
        """Adopt every change of the document's pixels from now on."""
        if self._followed is not document:
            self.unfollow()
            self._followed = document
            self._unsubscribe = document.subscribe(self._on_change)

    def unfollow(self) -> None:
        """Stop following the document."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._unsubscribe = self._followed = None

    def update(self, pixels: Pixels, rect: Rect) -> None:
        """Adopt a change of the document's pixels (H, W, 3) in ``rect``."""
        rect = rect.intersect(Rect.whole(self.shape))
        if rect.is_empty:
            return
        self._before.hold(rect)
        if self._shares_pixels:
            base = np.asarray(pixels, np.uint8)
        else:
            base = self._now.levels[0]
            base[rect.slices] = self.colours.encode(pixels[rect.slices])
        self._now.update(base, rect)

    def update_alpha(self, alpha: Pixels, rect: Rect) -> None:
        """Adopt a change of the document's alpha channel (H, W) in ``rect``."""
        assert self._alpha is not None
        assert self._alpha_before is not None
        rect = rect.intersect(Rect.whole(self.shape))
        if rect.is_empty:
            return
        self._alpha_before.hold(rect)
        if alpha.dtype == np.uint8:
            base = np.asarray(alpha, np.uint8)
        else:
            base = self._alpha.levels[0]
            base[rect.slices] = to_eight_bits(alpha[rect.slices])
        self._alpha.update(base, rect)

    def preview(self, rect: Rect, pixels: Pixels, alpha: Pixels | None = None) -> None:
        """Show ``pixels`` (h, w, 3), and ``alpha`` (h, w) where it is another one, at the photo's
        depth, in ``rect`` until `clear_preview`.
        """
        inside = rect.intersect(Rect.whole(self.shape))
        if inside.is_empty:
            return
        if self._preview is None:
            self._preview = PyramidPatches(self._now)
        part = pixels[inside.translate(-rect.x, -rect.y).slices]
        self._preview.write(inside, self.colours.encode(part))
        if alpha is not None and self._alpha is not None:
            if self._preview_alpha is None:
                self._preview_alpha = PyramidPatches(self._alpha)
            opacity = alpha[inside.translate(-rect.x, -rect.y).slices]
            self._preview_alpha.write(inside, to_eight_bits(opacity))
        self.previews.remove(inside)
        self._previewed = self._previewed.union(inside)

    def preview_unfinished(self, preview: FillPreview) -> None:
        """Show what holes look like so far, over the finished parts, until `clear_preview`."""
        self.previews.put(preview)
        self._previewed = self._previewed.union(preview.rect)

    def clear_preview(self) -> Rect:
        """Show the document again; returns the rectangle in which a preview was shown."""
        cleared, self._previewed = self._previewed, Rect(0, 0, 0, 0)
        self._preview = self._preview_alpha = None
        self.previews = PreviewLayer(self.colours)
        return cleared

    def _on_change(self, change: LayerChange) -> None:
        if change.layer == "pixels" and self._followed is not None:
            self.update(self._followed.pixels, change.rect)
        elif change.layer == "alpha" and self._followed is not None:
            alpha = self._followed.alpha
            assert alpha is not None
            self.update_alpha(as_pixels(alpha), change.rect)
