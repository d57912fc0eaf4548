"""A photo that is being filled: what the engine is asked, and what its result changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.engine.engine import Engine
from inpaint_core.photo.photo import Photo, Retouched
from inpaint_core.photo.tone import find_tone
from inpaint_core.raster.soft_mask import SoftMask


def build_request(
    photo: Photo,
    mask: NDArray[np.uint8],
    options: FillOptions[BoolMask],
    want: frozenset[str] = frozenset(),
) -> InpaintRequest:
    """What the engine is asked: the photo's pixels in its working numbers, and its alpha.

    The image is the photo's own array, or a copy where its tone curve has to be exchanged.
    """
    tone = find_tone(photo)
    image = photo.pixels if tone is None else tone.to_working(photo.pixels)
    return InpaintRequest(image, mask, options, want, photo.alpha)


@dataclass(frozen=True, eq=False)
class _Before:
    """What a fill replaced."""

    rect: Rect
    pixels: Pixels
    alpha: Pixels | None


class Retouch:
    """Fills a photo in place: a large one leaves no room for a second copy of the pixels.

    The ``photo`` is handed over with its arrays, which nobody else may use until `finish` gives
    them back. Arrays that cannot be written to are copied. ``keeps_original``: the finished photo
    knows what was `retouched`, for a layer of its own.
    """

    def __init__(self, photo: Photo, keeps_original: bool = False) -> None:
        self._facts = replace(photo, pixels=photo.pixels[:0], alpha=None)
        self._tone = find_tone(photo)
        self._pixels = _writeable(photo.pixels)
        self._alpha = None if photo.alpha is None else _writeable(photo.alpha)
        self._reached: list[SoftMask] = []
        self._before: list[_Before] | None = [] if keeps_original else None

    def fill(
        self,
        mask: NDArray[np.uint8],
        options: FillOptions[BoolMask],
        engine: Engine,
        progress: Progress,
        want: frozenset[str] = frozenset(),
    ) -> InpaintResult:
        """Fill the ``mask`` (H, W), as `InpaintRequest` says, and put the result into the photo.

        Raises what `Engine.inpaint` raises; the photo is then as it was.
        """
        photo = replace(self._facts, pixels=self._pixels, alpha=self._alpha)
        result = engine.inpaint(build_request(photo, mask, options, want), progress)
        self._apply(result)
        return result

    def finish(self) -> tuple[Photo, BoolMask]:
        """The photo as it is now, and where (H, W) fills reached. There is nothing to fill after
        that: the arrays belong to the caller.
        """
        photo = replace(self._facts, pixels=self._pixels, alpha=self._alpha)
        reached = np.zeros(photo.shape, np.bool_)
        for mask in self._reached:
            reached[mask.rect.slices] |= mask.strength > 0
        if self._before:
            photo = replace(photo, retouched=self._find_retouched(self._before, reached))
        del self._pixels, self._alpha
        return photo, reached

    def _find_retouched(self, fills: list[_Before], reached: BoolMask) -> Retouched | None:
        rect = Rect.bounding(reached)
        if rect.is_empty:
            return None
        pixels = self._pixels[rect.slices].copy()
        alpha = None if self._alpha is None else self._alpha[rect.slices].copy()
        for fill in reversed(fills):  # the first one last: it saw the photo as it was
            part = fill.rect.intersect(rect)
            there = part.translate(-rect.x, -rect.y).slices
            here = part.translate(-fill.rect.x, -fill.rect.y).slices
            pixels[there] = fill.pixels[here]
            if alpha is not None and fill.alpha is not None:
                alpha[there] = fill.alpha[here]
        return Retouched(rect, reached[rect.slices].astype(np.uint8) * np.uint8(255), pixels, alpha)

    def _apply(self, result: InpaintResult) -> None:
        here, mask = result.rect.slices, SoftMask(result.rect, result.strength)
        pixels = result.pixels
        if self._before is not None:
            alpha = None if self._alpha is None else self._alpha[here].copy()
            self._before.append(_Before(result.rect, self._pixels[here].copy(), alpha))
        if self._tone is not None:
            pixels = self._tone.restore(self._pixels[here], pixels)
        touched = result.strength > 0
        self._pixels[here][touched] = pixels[touched]
        if self._alpha is not None and result.alpha is not None:
            self._alpha[here] = result.alpha
        self._reached.append(mask)


def _writeable(values: Pixels) -> Pixels:
    return values if values.flags.writeable else values.copy()
