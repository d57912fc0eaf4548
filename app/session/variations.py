"""Other fills of the same hole, to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from app.session.frozen_request import FrozenPixels, FrozenRequest, protected_part
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from app.document.document import Document
    from app.workers.engine_lane import EngineRow
    from inpaint_core.contract.choices import Perspective
    from inpaint_core.contract.options import FillOptions
    from inpaint_core.contract.request import InpaintResult
    from inpaint_core.project.model import Part, Recipe

_SEEDS_FIRST = 2  # with the same engine, before others have their turn


CONTINUED, UNSURE = "engine.planes_continued", "engine.planes_unsure"
"""The notes of a fill that say whether there are planes."""


@dataclass(frozen=True)
class Attempt:
    """How one more fill is made."""

    engine: str
    seed: int
    perspective: Perspective


@dataclass(frozen=True, eq=False)
class Variation:
    """One fill: ``pixels`` (h, w, 3) and ``alpha`` (h, w) of the whole place, by which engine and
    seed, and how. ``alpha`` is None in an opaque photo. ``perspective``: what is special about it,
    "always" or "off"; None for the first choice.
    """

    engine: str
    seed: int
    pixels: NDArray[Any]
    recipe: Recipe
    alpha: NDArray[Any] | None = None
    perspective: Perspective | None = None

    @property
    def attempt(self) -> Attempt:
        """How it was made."""
        return Attempt(self.engine, self.seed, self.recipe.options.perspective)


@dataclass(eq=False)
class Variations:
    """The fills of one place: ``rect`` of the photo and its pixels ``before``.

    ``mask`` is what was painted and ``options`` are those of the fill that is being made now.
    ``alpha`` (h, w) is how opaque the place was before; None in an opaque photo.
    ``perspective``: the other choice of planes that is worth a try; None where there is none.
    """

    rect: Rect
    before: NDArray[Any]
    mask: Part
    options: FillOptions[Part]
    alpha: NDArray[Any] | None = None
    fills: list[Variation] = field(default_factory=list)
    perspective: Perspective | None = None
    planned: Iterator[Attempt] | None = None

    @classmethod
    def of(cls, frozen: FrozenRequest, result: InpaintResult) -> Variations:
        """Begin with the fill that was just made."""
        rect = result.rect.union(frozen.mask.rect)
        found = cls(rect, frozen.pixels.read(rect), frozen.mask, frozen.options)
        if frozen.alpha is not None:
            found.alpha = frozen.alpha.read(rect)
        keys = {note.key for note in result.notes}
        if not frozen.options.planes:
            if CONTINUED in keys:
                found.perspective = "off"
            elif UNSURE in keys:
                found.perspective = "always"
        found.add(result)
        return found

    def add(self, result: InpaintResult) -> bool:
        """Add the fill that `freeze_request` asked for; False where there is one like it."""
        import numpy as np

        from inpaint_core.project.model import Recipe

        pixels = self.before.copy()
        inside = result.rect.translate(-self.rect.x, -self.rect.y)
        pixels[inside.slices] = result.pixels
        alpha = None if self.alpha is None else self.alpha.copy()
        if alpha is not None and result.alpha is not None:
            alpha[inside.slices] = result.alpha
        if any(
            np.array_equal(pixels, fill.pixels) and _same(alpha, fill.alpha) for fill in self.fills
        ):
            return False
        recipe = Recipe(self.mask, self.options).with_outcome(result)
        same = not self.fills or self.fills[0].attempt.perspective == self.options.perspective
        other = None if same else self.options.perspective
        self.fills.append(Variation(result.engine, result.seed, pixels, recipe, alpha, other))
        return True

    def find_shown(self, document: Document) -> int | None:
        """The index of the fill that the document shows; None for none of them."""
        import numpy as np

        now = document.pixels[self.rect.slices]
        for index, fill in enumerate(self.fills):
            if np.array_equal(now, fill.pixels) and _same(self._alpha_of(document), fill.alpha):
                return index
        return None

    def is_undone(self, document: Document) -> bool:
        """Whether the place is as it was before the fill."""
        import numpy as np

        return np.array_equal(document.pixels[self.rect.slices], self.before) and _same(
            self._alpha_of(document), self.alpha
        )

    def _alpha_of(self, document: Document) -> NDArray[Any] | None:
        return None if document.alpha is None else document.alpha[self.rect.slices]

    def freeze_request(self, document: Document, attempt: Attempt) -> FrozenRequest:
        """The request for one more fill: the document as it is, but this place as before."""
        self.options = replace(
            self.options,
            engine=attempt.engine,
            seed=attempt.seed,
            perspective=attempt.perspective,
            protect=protected_part(document),
        )
        alpha = FrozenPixels.of_alpha(document)
        if alpha is not None and self.alpha is not None:
            alpha = alpha.put(self.rect, self.alpha)
        return FrozenRequest(
            document.photo,
            FrozenPixels.of(document).put(self.rect, self.before),
            alpha,
            document.revision,
            self.mask,
            self.options,
        )

    def next(self, engines: Sequence[EngineRow]) -> Attempt | None:
        """What to try next: with or without perspective, other seeds, then other engines, then more
        seeds.
        """
        if self.planned is None:
            self.planned = self._plan(engines)
        return next(self.planned, None)

    def _plan(self, engines: Sequence[EngineRow]) -> Iterator[Attempt]:
        first, own = self.fills[0].seed, self.fills[0].engine
        same = self.fills[0].recipe.options.perspective
        if self.perspective is not None:
            yield Attempt(own, first, self.perspective)
        for more in range(1, _SEEDS_FIRST + 1):
            yield Attempt(own, first + more, same)
        for row in engines:
            if row.is_usable and row.is_offered and row.id != own:
                yield Attempt(row.id, first, same)
        more = _SEEDS_FIRST
        while True:
            more += 1
            yield Attempt(own, first + more, same)


def _same(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    import numpy as np

    return one is other if one is None or other is None else np.array_equal(one, other)
