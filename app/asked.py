"""What a fill was asked for, frozen, so that the document may change meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.document.document import Document
    from inpaint_core.contract import InpaintRequest, InpaintResult
    from inpaint_core.geometry import Rect


@dataclass(frozen=True, eq=False)
class Asked:
    """``request`` holds copies of the document as it was at ``revision``."""

    request: InpaintRequest
    revision: int

    @classmethod
    def of(cls, document: Document, settings: Settings) -> Asked:
        """Freeze the document as it is. On the UI thread."""
        import numpy as np

        from inpaint_core.contract import InpaintRequest

        # Until the first fill the pixels are the photo's own, which nobody writes to.
        pixels = document.pixels
        if not np.may_share_memory(pixels, document.photo.pixels):
            pixels = pixels.copy()
        request = InpaintRequest(
            image=pixels,
            mask=document.mask.copy(),
            protect=protected(document),
            **chosen(settings),
        )
        return cls(request, document.revision)

    def stale(self, document: Document, rect: Rect) -> bool:
        """True when the document differs now from what was frozen, so that a fill of ``rect`` was
        made from something else than what is there: its pixels and mask, or what is protected.
        """
        import numpy as np

        if document.revision == self.revision:
            return False
        here = rect.slices
        protect, then = protected(document), self.request.protect
        if (protect is None) is not (then is None):
            return True
        return not (
            np.array_equal(document.pixels[here], self.request.image[here])
            and np.array_equal(document.mask[here], self.request.mask[here])
            and (protect is None or then is None or np.array_equal(protect, then))
        )

    def merged(self, document: Document, result: InpaintResult) -> NDArray[Any]:
        """The document's pixels inside the result's rectangle, with only those replaced that the
        fill changed.
        """
        import numpy as np

        here = result.rect.slices
        changed = (result.pixels != self.request.image[here]).any(axis=2, keepdims=True)
        return np.where(changed, result.pixels, document.pixels[here])


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
    # Asking the history costs nothing; asking a layer that nobody painted makes it.
    entries = document.history.entries
    if not any(layer == "protect" for entry in entries for layer, _ in entry.rects):
        return None
    found: NDArray[np.bool_] = document.protect > 127
    return found if found.any() else None
