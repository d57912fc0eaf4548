"""Pixels of a few places of a photo: what a fill changes, without what lies between its holes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inpaint_core.contract.request import InpaintResult
    from inpaint_core.project.model import Part

_MOST_PLACES = 256
_SEEN = 2 / 255
"""The least difference of a colour, as a share of white, that somebody might see."""


@dataclass(frozen=True, eq=False)
class PlacePixels:
    """``values`` (h, w, 3) or (h, w) for each of the rectangles ``places``."""

    places: tuple[Rect, ...]
    values: tuple[NDArray[Any], ...]

    @classmethod
    def read(cls, places: tuple[Rect, ...], read: Callable[[Rect], NDArray[Any]]) -> PlacePixels:
        """What ``read(place)`` returns, which is a copy."""
        return cls(places, tuple(map(read, places)))

    def items(self) -> Iterator[tuple[Rect, NDArray[Any]]]:
        """The places with their pixels."""
        return zip(self.places, self.values, strict=True)

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return sum(values.nbytes for values in self.values)

    def put(self, rect: Rect, pixels: NDArray[Any]) -> PlacePixels:
        """A copy with ``pixels`` (h, w, ...) in ``rect`` of the photo, as far as that lies in the
        places.
        """
        out = []
        for place, values in self.items():
            changed, both = values.copy(), place.intersect(rect)
            if not both.is_empty:
                inside = both.translate(-place.x, -place.y).slices
                changed[inside] = pixels[both.translate(-rect.x, -rect.y).slices]
            out.append(changed)
        return PlacePixels(self.places, tuple(out))

    def put_into(self, pixels: NDArray[Any], rect: Rect) -> NDArray[Any]:
        """Write all into ``pixels`` (h, w, ...) of ``rect``, which holds the places; return it."""
        for place, values in self.items():
            pixels[place.translate(-rect.x, -rect.y).slices] = values
        return pixels

    def is_in(self, read: Callable[[Rect], NDArray[Any] | None]) -> bool:
        """Whether ``read(place)`` returns just these pixels for all places."""
        import numpy as np

        held: list[Any] = [read(place) for place in self.places]
        return all(map(np.array_equal, held, self.values))

    def looks_like(self, other: PlacePixels) -> bool:
        """Whether nobody could tell these pixels from ``other`` ones of the same places."""
        import numpy as np

        def is_near(one: NDArray[Any], two: NDArray[Any]) -> bool:
            limit = round(_SEEN * int(np.iinfo(one.dtype).max))
            return bool((np.maximum(one, two) - np.minimum(one, two)).max() <= limit)

        return all(map(is_near, self.values, other.values))


def find_places(
    mask: Part, result: InpaintResult, shape: tuple[int, int], feather: float
) -> tuple[Rect, ...]:
    """Rectangles of a photo of ``shape`` (H, W) that hold whatever another fill of the ``mask`` can
    change, if the ``result`` is one: a hole that grows by itself may have another width then.
    """
    import numpy as np

    from inpaint_core.engine.context_crops import find_holes
    from inpaint_core.engine.effective_mask import MOST_WIDENED
    from inpaint_core.raster.soft_mask import SoftMask

    whole, more = Rect.whole(shape), MOST_WIDENED + math.ceil(feather) + 1
    rect = result.rect.union(mask.rect)
    reached = SoftMask(rect, np.maximum(mask.over(rect), _spread(result, rect)))
    places = tuple(hole.grow(more).intersect(whole) for hole in find_holes(reached))
    around = rect.grow(more).intersect(whole)
    spread = len(places) > _MOST_PLACES or sum(place.area for place in places) >= around.area
    return (around,) if spread else places


def _spread(result: InpaintResult, rect: Rect) -> NDArray[Any]:
    from inpaint_core.raster.soft_mask import SoftMask

    return SoftMask(result.rect, result.strength).over(rect)
