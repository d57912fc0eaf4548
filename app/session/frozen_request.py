"""What a fill was asked for, frozen, so that the document may change meanwhile."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.configuration.settings import Settings
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.document.document import Document
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.request import InpaintRequest, InpaintResult
    from inpaint_core.photo.photo import Photo
    from inpaint_core.photo.tone import Tone


@dataclass(frozen=True, eq=False)
class Frozen:
    """A document's pixels at one moment: the photo as opened, which nobody writes to, and copies
    of the tiles that differ from it. So the person does not wait until a large photo is copied.
    """

    base: NDArray[Any]
    patches: tuple[tuple[Rect, NDArray[Any]], ...]

    @classmethod
    def of(cls, document: Document, name: Literal["pixels", "alpha"] = "pixels") -> Frozen:
        """Freeze the pixels, or alpha where there is one, as they are. On the UI thread."""
        from app.document.tiles import tile_rect, tiles

        history = document.history
        keys = {
            key
            for entry in history.entries[: history.position]
            for layer, rect in entry.rects
            if layer == name
            for key in tiles(rect)
        }
        rects = [tile_rect(key, document.shape) for key in sorted(keys)]
        now = getattr(document, name)
        return cls(
            getattr(document.photo, name), tuple((rect, now[rect.slices].copy()) for rect in rects)
        )

    def put(self, rect: Rect, pixels: NDArray[Any]) -> Frozen:
        """The same with ``pixels`` (h, w, 3) in ``rect``."""
        return Frozen(self.base, (*self.patches, (rect, pixels)))

    def read(self, rect: Rect) -> NDArray[Any]:
        """A copy of the pixels (h, w, 3), or of alpha (h, w), in ``rect``."""
        out = self.base[rect.slices].copy()
        for place, pixels in self.patches:
            both = place.intersect(rect)
            if not both.empty:
                source = pixels[both.translate(-place.x, -place.y).slices]
                out[both.translate(-rect.x, -rect.y).slices] = source
        return out


@dataclass(frozen=True, eq=False)
class Part:
    """``values`` (h, w) uint8 in ``rect`` of the photo; 0 everywhere else."""

    rect: Rect
    values: NDArray[np.uint8]

    @classmethod
    def of(cls, layer: NDArray[np.uint8]) -> Part:
        """A copy of what there is in a layer (H, W)."""
        rect = Rect.bounding(layer)
        return cls(rect, layer[rect.slices].copy())

    def over(self, rect: Rect) -> NDArray[np.uint8]:
        """A copy (h, w) of what there is in ``rect``."""
        import numpy as np

        out = np.zeros((rect.h, rect.w), np.uint8)
        both = self.rect.intersect(rect)
        if not both.empty:
            source = self.values[both.translate(-self.rect.x, -self.rect.y).slices]
            out[both.translate(-rect.x, -rect.y).slices] = source
        return out


@dataclass(frozen=True, eq=False)
class Asked:
    """What the engine will be asked: the document as it was at ``revision``, and how to fill.

    ``mask`` (h, w) uint8 is the mask inside ``hole``, outside of which it is 0; ``protect``
    (H, W) bool or None; ``edges`` the edges that were drawn, None for none; ``how`` are further
    arguments of `InpaintRequest`. ``photo`` as opened says what the numbers of the pixels mean,
    and ``alpha`` how opaque they were.
    """

    pixels: Frozen
    hole: Rect
    mask: NDArray[np.uint8]
    protect: NDArray[np.bool_] | None
    how: dict[str, Any]
    revision: int
    edges: Part | None
    photo: Photo
    alpha: Frozen | None

    @classmethod
    def of(
        cls, document: Document, settings: Settings, want: frozenset[str] = frozenset()
    ) -> Asked:
        """Freeze the document as it is. On the UI thread. ``want`` names by-products."""
        hole = Rect.bounding(document.mask)
        return cls(
            Frozen.of(document),
            hole,
            document.mask[hole.slices].copy(),
            protected(document),
            {**chosen(settings), "want": want},
            document.revision,
            drawn(document),
            document.photo,
            opacity(document),
        )

    def request(self) -> InpaintRequest:
        """The request, put together on the engine's thread, in the engine's working numbers."""
        from inpaint_core.contract.request import InpaintRequest

        whole = Rect.whole(self.pixels.base.shape)
        image = self.pixels.read(whole) if self.pixels.patches else self.pixels.base
        if (curve := self._curve) is not None:
            image = curve.working(image)
        mask = self.mask_in(whole)
        edges = None if self.edges is None else self.edges.over(whole) > 127
        return InpaintRequest(image, mask, protect=self.protect, edges=edges, **self.how)

    def given(self, rect: Rect, pixels: Pixels) -> Pixels:
        """What a fill of the request has in ``rect``, in the photo's numbers and depth."""
        from inpaint_core.contract.request import InpaintResult

        curve = self._curve
        if curve is None or rect.empty:
            return pixels
        then = self.pixels.read(rect)
        found = InpaintResult(Rect.whole(then.shape), pixels, "", 0, "")
        return curve.applied(then, curve.working(then), found)

    def opaque(self, rect: Rect) -> NDArray[Any] | None:
        """How opaque (h, w) the photo is in ``rect`` after the fill; None where that is as before.
        On the engine's thread.
        """
        if self.alpha is None:
            return None
        from inpaint_core.photo.transparency import continued

        # Beyond the hole by what it may grow, its edge may fade, and what is looked at around it.
        whole = Rect.whole(self.alpha.base.shape)
        grow, feather = int(self.how.get("grow", 0)), float(self.how.get("feather", 2.0))
        near = self.hole.union(rect).grow(abs(grow) + math.ceil(feather) + 4).intersect(whole)
        found = continued(self.alpha.read(near), self.mask_in(near), grow, feather)
        if found is None:
            return None
        place, values = found
        place = place.translate(near.x, near.y)
        out = self.alpha.read(rect)
        both = place.intersect(rect)
        out[both.translate(-rect.x, -rect.y).slices] = values[
            both.translate(-place.x, -place.y).slices
        ]
        return out

    @property
    def _curve(self) -> Tone | None:
        from inpaint_core.photo.tone import tone

        return tone(self.photo)

    def mask_in(self, rect: Rect) -> NDArray[np.uint8]:
        """The mask (h, w) in ``rect``."""
        return Part(self.hole, self.mask).over(rect)

    def stale(self, document: Document, rect: Rect) -> bool:
        """True when the document differs now from what was frozen, so that a fill of ``rect`` was
        made from something else than what is there: its pixels, mask and drawn edges, or what is
        protected.
        """
        import numpy as np

        if document.revision == self.revision:
            return False
        here = rect.slices
        protect, then = protected(document), self.protect
        if (protect is None) is not (then is None):
            return True
        return not (
            np.array_equal(document.pixels[here], self.pixels.read(rect))
            and np.array_equal(document.mask[here], self.mask_in(rect))
            and (
                self.alpha is None or np.array_equal(_alpha(document)[here], self.alpha.read(rect))
            )
            and np.array_equal(_edges(drawn(document), rect), _edges(self.edges, rect))
            and (protect is None or then is None or np.array_equal(protect, then))
        )

    def merged(self, document: Document, result: InpaintResult) -> NDArray[Any]:
        """The document's pixels inside the result's rectangle, with only those replaced that the
        fill changed.
        """
        import numpy as np

        then = self.pixels.read(result.rect)
        changed = (result.pixels != then).any(axis=2, keepdims=True)
        return np.where(changed, result.pixels, document.pixels[result.rect.slices])

    def merged_alpha(self, document: Document, result: InpaintResult) -> NDArray[Any] | None:
        """As `merged`, of alpha; None where the fill did not change it."""
        import numpy as np

        found = result.products.get("alpha")
        if found is None or self.alpha is None:
            return None
        then = self.alpha.read(result.rect)
        return np.where(found != then, found, _alpha(document)[result.rect.slices])


def opacity(document: Document) -> Frozen | None:
    """How opaque the photo is now, frozen; None for one that is opaque everywhere."""
    return None if document.photo.alpha is None else Frozen.of(document, "alpha")


def _alpha(document: Document) -> NDArray[Any]:
    found = document.alpha
    assert found is not None
    return found


def chosen(settings: Settings) -> dict[str, Any]:
    """What the settings say about fills, as the request's arguments."""
    engine = str(settings.get("fill.engine"))
    return {
        **({} if engine == "default" else {"engine": engine}),
        "grow": settings.get("fill.grow"),
        "feather": settings.get("fill.feather"),
        "device": settings.get("fill.device"),
    }


def protected(document: Document) -> NDArray[np.bool_] | None:
    """(H, W), True where nothing may be copied from; None where that is nowhere."""
    if not document.made("protect"):
        return None
    found: NDArray[np.bool_] = document.protect > 127
    return found if found.any() else None


def drawn(document: Document) -> Part | None:
    """The edges that were drawn; None where there are none."""
    if not document.made("edges"):
        return None
    found = Part.of(document.edges)
    return None if found.rect.empty else found


def _edges(drawn: Part | None, rect: Rect) -> NDArray[np.uint8]:
    import numpy as np

    return np.zeros((rect.h, rect.w), np.uint8) if drawn is None else drawn.over(rect)
