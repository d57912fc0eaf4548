"""A snapshot of a fill request, so that the document can be edited meanwhile."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from app.configuration.settings import AUTOMATIC, Settings
from inpaint_core.contract.choices import DEFAULT_ENGINE
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.document.document import Document
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.preview import FillPreview
    from inpaint_core.contract.request import InpaintRequest, InpaintResult
    from inpaint_core.photo.photo import Photo
    from inpaint_core.project.model import Part, Recipe


_MOST_KEPT = 128 << 20  # bytes of a `WorkingCopy`


@dataclass(frozen=True, eq=False)
class FrozenPixels:
    """A document's pixels, or its alpha, at one moment.

    ``base`` is the photo as opened, which is never modified; ``patches`` are copies of the tiles
    that differ from it. So no edit waits for a copy of a large photo.
    """

    base: NDArray[Any]
    patches: tuple[tuple[Rect, NDArray[Any]], ...]

    @classmethod
    def of(cls, document: Document, name: Literal["pixels", "alpha"] = "pixels") -> FrozenPixels:
        """Freeze the pixels, or alpha where there is one, as they are. On the UI thread."""
        from app.document.layer_tiles import tile_rect, tiles_in

        history = document.history
        keys = {
            key
            for entry in history.entries[: history.position]
            for layer, rect in entry.rects
            if layer == name
            for key in tiles_in(rect)
        }
        rects = [tile_rect(key, document.shape) for key in sorted(keys)]
        now = getattr(document, name)
        return cls(
            getattr(document.photo, name), tuple((rect, now[rect.slices].copy()) for rect in rects)
        )

    @classmethod
    def of_alpha(cls, document: Document) -> FrozenPixels | None:
        """Freeze the alpha; None for a photo that is opaque everywhere."""
        return None if document.photo.alpha is None else cls.of(document, "alpha")

    def put(self, rect: Rect, pixels: NDArray[Any]) -> FrozenPixels:
        """The same with ``pixels`` (h, w, 3) in ``rect``."""
        return FrozenPixels(self.base, (*self.patches, (rect, pixels)))

    def read(self, rect: Rect) -> NDArray[Any]:
        """A copy of the pixels (h, w, 3), or of alpha (h, w), in ``rect``."""
        out = self.base[rect.slices].copy()
        for place, pixels in self.patches:
            both = place.intersect(rect)
            if not both.is_empty:
                source = pixels[both.translate(-place.x, -place.y).slices]
                out[both.translate(-rect.x, -rect.y).slices] = source
        return out

    def whole(self) -> NDArray[Any]:
        """All of the pixels, or alpha: ``base`` itself where nothing was changed."""
        return self.read(Rect.whole(self.base.shape)) if self.patches else self.base


class WorkingCopy:
    """The pixels of the last request as one array, which the next one of the same photo brings up
    to date instead of copying the whole photo: for a spot, that takes longer than the fill.

    Belongs to the engine's thread. At most `_MOST_KEPT` bytes are kept, and only as long as the
    photo is open.
    """

    def __init__(self) -> None:
        self._base: weakref.ref[NDArray[Any]] | None = None
        self._pixels: NDArray[Any] | None = None
        self._changed: tuple[Rect, ...] = ()

    def update(self, frozen: FrozenPixels) -> NDArray[Any]:
        """As `FrozenPixels.whole`; the array changes with the next call."""
        if not frozen.patches or frozen.base.nbytes > _MOST_KEPT:
            return frozen.whole()
        pixels = self._pixels
        if pixels is None or self._base is None or self._base() is not frozen.base:
            pixels = self._pixels = frozen.base.copy()
            self._base = weakref.ref(frozen.base, self._forget)
        else:
            for rect in self._changed:
                pixels[rect.slices] = frozen.base[rect.slices]
        for rect, values in frozen.patches:
            pixels[rect.slices] = values
        self._changed = tuple(rect for rect, _ in frozen.patches)
        return pixels

    def _forget(self, base: object) -> None:
        if base is self._base:
            self._base = self._pixels = None


@dataclass(frozen=True, eq=False)
class FrozenRequest:
    """What the engine is asked: the document as it was at ``revision``, and how to fill.

    ``photo`` as opened says what the numbers of the pixels mean. ``want`` names by-products.
    """

    photo: Photo
    pixels: FrozenPixels
    alpha: FrozenPixels | None
    revision: int
    mask: Part
    options: FillOptions[Part]
    want: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        document: Document,
        settings: Settings,
        want: frozenset[str] = frozenset(),
        mask: Part | None = None,
        takes_semantic: bool = False,
    ) -> FrozenRequest:
        """Freeze the document as it is, to fill ``mask``, or what is painted. On the UI thread.

        ``takes_semantic``: the engine takes a semantic map; others are not given any.
        """
        from inpaint_core.project.model import Part

        engine = str(settings.get("fill.engine"))
        options = FillOptions(
            engine=DEFAULT_ENGINE if engine == "default" else engine,
            device=settings.get("fill.device"),
            grow=chosen_grow(settings),
            feather=settings.get("fill.feather"),
            planes=document.planes,
            edges=drawn_edges(document),
            protect=protected_part(document),
            semantic=semantic_part(document) if takes_semantic else None,
        )
        mask = Part.copied(document.mask) if mask is None else mask
        return cls._freeze(document, mask, options, want)

    @classmethod
    def for_replay(cls, recipe: Recipe, document: Document, device: str) -> FrozenRequest:
        """The fill of ``recipe`` in another photo as it is; what is protected there stays so."""
        protect = _united(protected_part(document), recipe.options.protect)
        options = replace(recipe.options, device=device, protect=protect)
        return cls._freeze(document, recipe.mask, options)

    @classmethod
    def _freeze(
        cls,
        document: Document,
        mask: Part,
        options: FillOptions[Part],
        want: frozenset[str] = frozenset(),
    ) -> FrozenRequest:
        pixels, alpha = FrozenPixels.of(document), FrozenPixels.of_alpha(document)
        return cls(document.photo, pixels, alpha, document.revision, mask, options, want)

    @property
    def recipe(self) -> Recipe:
        """What a project remembers of the fill; `Recipe.with_outcome` adds the outcome."""
        from inpaint_core.project.model import Recipe

        return Recipe(self.mask, self.options)

    def request(self, copy: WorkingCopy | None = None) -> InpaintRequest:
        """The request in the engine's working numbers. On the engine's thread. With a ``copy`` to
        keep its pixels in, the request is valid only until the next one that does so.
        """
        from inpaint_core.project.model import as_arrays
        from inpaint_core.retouch.retouch import build_request

        shape = self.photo.shape
        alpha = None if self.alpha is None else self.alpha.whole()
        pixels = self.pixels.whole() if copy is None else copy.update(self.pixels)
        photo = replace(self.photo, pixels=pixels, alpha=alpha)
        options = as_arrays(self.options, shape)
        return build_request(photo, self.mask.spread(shape), options, self.want)

    def to_photo_tone(self, rect: Rect, pixels: Pixels) -> Pixels:
        """What the engine made of ``rect``, in the photo's numbers and depth."""
        from inpaint_core.photo.tone import find_tone

        tone = find_tone(self.photo)
        return pixels if tone is None else tone.restore(self.pixels.read(rect), pixels)

    def preview_to_photo_tone(self, preview: FillPreview) -> FillPreview:
        """A preview of the fill, in the photo's numbers and depth."""
        from inpaint_core.photo.tone import find_tone

        tone = find_tone(self.photo)
        if tone is None:
            return preview
        pixels = tone.from_working(preview.pixels, self.photo.pixels.dtype)
        return replace(preview, pixels=pixels)

    def is_stale(self, document: Document, rect: Rect) -> bool:
        """True when a fill of ``rect`` was made from something else than what is there now: other
        pixels, another mask, edges, planes or semantic map, or because something else is protected.
        """
        import numpy as np

        if document.revision == self.revision:
            return False
        here, same = rect.slices, np.array_equal
        edges, protect = drawn_edges(document), protected_part(document)
        return not (
            same(document.pixels[here], self.pixels.read(rect))
            and same(document.mask[here], self.mask.over(rect))
            and (self.alpha is None or same(_alpha(document)[here], self.alpha.read(rect)))
            and same(_over(edges, rect), _over(self.options.edges, rect))
            and _same_part(protect, self.options.protect)
            and document.planes == self.options.planes
            and (
                self.options.semantic is None
                or _same_part(semantic_part(document), self.options.semantic)
            )
        )

    def merge_pixels(self, document: Document, result: InpaintResult) -> NDArray[Any]:
        """The document's pixels inside the result's rectangle, with only those replaced that the
        fill changed.
        """
        import numpy as np

        then = self.pixels.read(result.rect)
        changed = (result.pixels != then).any(axis=2, keepdims=True)
        return np.where(changed, result.pixels, document.pixels[result.rect.slices])

    def merge_alpha(self, document: Document, result: InpaintResult) -> NDArray[Any] | None:
        """As `merge_pixels`, of alpha; None where the fill did not change it."""
        import numpy as np

        filled = result.alpha
        if filled is None or self.alpha is None:
            return None
        then = self.alpha.read(result.rect)
        return np.where(filled != then, filled, _alpha(document)[result.rect.slices])


def chosen_grow(settings: Settings) -> int | None:
    """`FillOptions.grow` as the settings say."""
    grow = int(settings.get("fill.grow"))
    return None if grow == AUTOMATIC else grow


def protected_part(document: Document) -> Part | None:
    """Where nothing may be copied from (255); None where that is nowhere."""
    import numpy as np

    from inpaint_core.project.model import Part

    if not document.is_written("protect"):
        return None
    rect = Rect.bounding(document.protect > 127)
    inside = (document.protect[rect.slices] > 127).astype(np.uint8) * np.uint8(255)
    return None if rect.is_empty else Part.of(rect, inside)


def drawn_edges(document: Document) -> Part | None:
    """The edges that were drawn; None where there are none."""
    from inpaint_core.project.model import Part

    return Part.bounding(document.edges) if document.is_written("edges") else None


def semantic_part(document: Document) -> Part | None:
    """The semantic map, all of it; None where there is none."""
    from inpaint_core.project.model import Part

    labels = document.copy_semantic()
    return None if labels is None else Part.of(Rect.whole(document.shape), labels)


def _same_part(one: Part | None, other: Part | None) -> bool:
    return one is other if one is None or other is None else one.equals(other)


def _united(one: Part | None, other: Part | None) -> Part | None:
    """The greater of both values everywhere."""
    import numpy as np

    from inpaint_core.project.model import Part

    if one is None or other is None:
        return other if one is None else one
    rect = one.rect.union(other.rect)
    return Part.of(rect, np.maximum(one.over(rect), other.over(rect)))


def _alpha(document: Document) -> NDArray[Any]:
    alpha = document.alpha
    assert alpha is not None
    return alpha


def _over(part: Part | None, rect: Rect) -> NDArray[Any]:
    import numpy as np

    return np.zeros((rect.h, rect.w), np.uint8) if part is None else part.over(rect)
