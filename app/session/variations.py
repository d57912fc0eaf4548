"""Other fills of the same hole, to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from app.session.recipes import planned
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.document.document import Document
    from app.session.frozen_request import Asked, Part
    from app.workers.engine_lane import EngineRow
    from inpaint_core.contract.request import InpaintResult
    from inpaint_core.project.model import Recipe

_SEEDS_FIRST = 2  # with the same engine, before others have their turn


@dataclass(frozen=True, eq=False)
class Take:
    """One fill: ``pixels`` (h, w, 3) of the whole place, by which engine and seed, and how."""

    engine: str
    seed: int
    pixels: NDArray[Any]
    recipe: Recipe


@dataclass(eq=False)
class Variations:
    """The fills of one place: ``rect`` of the photo, its pixels and mask ``before``.

    ``how``: the arguments of `InpaintRequest` that the first one was made with, ``edges`` the
    edges that were drawn for it. ``recipe``: what is being made now. ``alpha`` is how opaque the
    place is after each of them; None where that is as before.
    """

    rect: Rect
    before: NDArray[Any]
    mask: NDArray[np.uint8]
    how: dict[str, Any]
    recipe: Recipe
    edges: Part | None = None
    alpha: NDArray[Any] | None = None
    takes: list[Take] = field(default_factory=list)
    planned: Iterator[tuple[str, int]] | None = None

    @classmethod
    def of(cls, asked: Asked, result: InpaintResult) -> Variations:
        """Begin with the fill that was just made."""
        rect = result.rect.union(asked.hole)
        before, mask = asked.pixels.read(rect), asked.mask_in(rect)
        found = cls(rect, before, mask, asked.how, planned(asked), asked.edges)
        if "alpha" in result.products and asked.alpha is not None:
            found.alpha = asked.alpha.read(rect)
            inside = result.rect.translate(-rect.x, -rect.y)
            found.alpha[inside.slices] = result.products["alpha"]
        found.add(result)
        return found

    def add(self, result: InpaintResult) -> bool:
        """One more fill, of the request that `asking` made; False where it is like another one."""
        import numpy as np

        pixels = self.before.copy()
        inside = result.rect.translate(-self.rect.x, -self.rect.y)
        pixels[inside.slices] = result.pixels
        if any(np.array_equal(pixels, take.pixels) for take in self.takes):
            return False
        recipe = self.recipe.made(result)
        self.takes.append(Take(result.engine, result.seed, pixels, recipe))
        return True

    def chosen(self, document: Document) -> int | None:
        """Which of the fills the document shows, None for none of them."""
        import numpy as np

        now = document.pixels[self.rect.slices]
        for index, take in enumerate(self.takes):
            if np.array_equal(now, take.pixels):
                return index
        return None

    def undone(self, document: Document) -> bool:
        """True where the document is as it was before the fill."""
        import numpy as np

        return np.array_equal(document.pixels[self.rect.slices], self.before)

    def asking(self, document: Document, engine: str, seed: int) -> Asked:
        """What to ask for one more fill: the document as it is, but this place as before."""
        from app.session.frozen_request import Asked, Frozen, protected

        asked = Asked(
            Frozen.of(document).put(self.rect, self.before),
            self.rect,
            self.mask,
            protected(document),
            {**self.how, "engine": engine, "seed": seed, "want": frozenset()},
            document.revision,
            self.edges,
            document.photo,
            None,  # it does not depend on the engine or the seed
        )
        # The mask as it was painted, and not in a rectangle that holds the fill too: so a project
        # knows that the same hole was filled again.
        self.recipe = replace(planned(asked), mask=self.recipe.mask)
        return asked

    def whole_mask(self, document: Document) -> NDArray[np.uint8]:
        """The mask (H, W) that was filled."""
        import numpy as np

        mask = np.zeros(document.shape, np.uint8)
        mask[self.rect.slices] = self.mask
        return mask

    def next(self, engines: Sequence[EngineRow]) -> tuple[str, int] | None:
        """The engine and seed that come next: other seeds, then other engines, then more seeds."""
        if self.planned is None:
            self.planned = self._plan(engines)
        return next(self.planned, None)

    def _plan(self, engines: Sequence[EngineRow]) -> Iterator[tuple[str, int]]:
        first, own = self.takes[0].seed, self.takes[0].engine
        for more in range(1, _SEEDS_FIRST + 1):
            yield own, first + more
        for row in engines:
            if row.usable and row.offered and row.id != own:
                yield row.id, first
        more = _SEEDS_FIRST
        while True:
            more += 1
            yield own, first + more
