"""Other fills of the same hole, to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from app.configuration.text import t
from app.document.place_pixels import PlacePixels, find_places
from app.session.frozen_request import FrozenPixels, FrozenRequest, protected_part, source_part
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from app.document.document import Document
    from app.workers.engine_lane import EngineRow
    from inpaint_core.contract.choices import Perspective, Regularity
    from inpaint_core.contract.options import FillOptions
    from inpaint_core.contract.request import InpaintResult
    from inpaint_core.project.model import Part, Recipe

Kind = Literal["first", "always", "off", "free", "texture", "network", "engine", "again"]
"""What is special about a fill: “fill.kind.<kind>” is the word for it. "engine": another engine,
which has a name."""

CONTINUED, UNSURE = "engine.planes_continued", "engine.planes_unsure"
"""The notes of a fill that say whether there are planes."""
HELD = "engine.kept_regular"
"""The note of a fill that was held to lines or to what repeats."""
SMOOTH = "engine.too_few_sources"
"""The warning of a fill that no seed and no switch changes."""

_MOST_REPEATS = 2
"""After so many seeds in a row that changed nothing, no more are tried."""


@dataclass(frozen=True)
class Attempt:
    """How one more fill is made."""

    kind: Kind
    engine: str
    seed: int
    perspective: Perspective
    regularity: Regularity


@dataclass(frozen=True, eq=False)
class Variation:
    """One fill: the ``pixels`` (h, w, 3) and ``alpha`` (h, w) of each place, and how it was made.
    ``alpha`` is None in an opaque photo.
    """

    attempt: Attempt
    pixels: PlacePixels
    recipe: Recipe
    alpha: PlacePixels | None = None

    @property
    def engine(self) -> str:
        """The engine that was asked."""
        return self.attempt.engine

    @property
    def seed(self) -> int:
        """The seed that it was made with."""
        return self.attempt.seed


@dataclass(eq=False)
class Variations:
    """The fills of the holes of one mask.

    ``places`` are rectangles of the photo, of each of which every fill remembers the pixels;
    ``before`` is what was there before. ``mask`` is what was painted, and ``options`` are those of
    the first fill. ``alpha`` is how opaque the places were before; None in an opaque photo.
    ``others``: switches that are worth a try. ``is_settled``: no other fill would differ.
    """

    places: tuple[Rect, ...]
    before: PlacePixels
    mask: Part
    options: FillOptions[Part]
    alpha: PlacePixels | None = None
    fills: list[Variation] = field(default_factory=list)
    others: tuple[Attempt, ...] = ()
    is_settled: bool = False
    planned: Iterator[Attempt] | None = None
    repeats: int = 0

    @classmethod
    def of(cls, frozen: FrozenRequest, result: InpaintResult) -> Variations:
        """Begin with the fill that was just made."""
        options = frozen.options
        perspective, regularity = options.perspective, options.regularity
        first = Attempt("first", result.engine, result.seed, perspective, regularity)
        places = find_places(frozen.mask, result, frozen.photo.shape, options.feather)
        before = PlacePixels.read(places, frozen.pixels.read)
        found = cls(places, before, frozen.mask, options)
        if frozen.alpha is not None:
            found.alpha = PlacePixels.read(places, frozen.alpha.read)
        keys = {message.key for message in (*result.notes, *result.warnings)}
        if not options.planes and CONTINUED in keys:
            found.others += (replace(first, kind="off", perspective="off"),)
        elif not options.planes and UNSURE in keys:
            found.others += (replace(first, kind="always", perspective="always"),)
        if HELD in keys:
            found.others += (replace(first, kind="free", regularity="off"),)
        found.is_settled = SMOOTH in keys
        found.add(result, first, options)
        return found

    @property
    def rect(self) -> Rect:
        """The rectangle around all places."""
        held = Rect(0, 0, 0, 0)
        for place in self.places:
            held = held.union(place)
        return held

    def add(self, result: InpaintResult, attempt: Attempt, options: FillOptions[Part]) -> bool:
        """Add a fill that was made with the ``options`` of `freeze_request`; False where there is
        one that looks the same.
        """
        from inpaint_core.project.model import Recipe

        pixels, alpha = self.before.put(result.rect, result.pixels), self.alpha
        if alpha is not None and result.alpha is not None:
            alpha = alpha.put(result.rect, result.alpha)
        if any(pixels.looks_like(f.pixels) and _alike(alpha, f.alpha) for f in self.fills):
            self.repeats += 1
            return False
        self.repeats = 0
        recipe = Recipe(self.mask, options).with_outcome(result)
        self.fills.append(Variation(attempt, pixels, recipe, alpha))
        return True

    def show(self, document: Document, fill: Variation) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """The pixels (h, w, 3) and alpha (h, w) of ``rect`` with the ``fill`` in all places, and
        what fills left in the document between them.
        """
        rect = self.rect
        now = document.read_filled(rect)
        pixels = fill.pixels.put_into(now.pixels.copy(), rect)
        if now.alpha is None or fill.alpha is None:
            return pixels, None
        return pixels, fill.alpha.put_into(now.alpha.copy(), rect)

    def find_shown(self, document: Document) -> int | None:
        """The index of the fill that the document holds, whatever was painted back of the original
        since; None for none of them.
        """
        return next((k for k, f in enumerate(self.fills) if self._is_shown(document, f)), None)

    def _is_shown(self, document: Document, fill: Variation) -> bool:
        if not fill.pixels.is_in(lambda place: document.read_filled(place).pixels):
            return False
        return fill.alpha is None or fill.alpha.is_in(
            lambda place: document.read_filled(place).alpha
        )

    def is_undone(self, document: Document) -> bool:
        """Whether the places are as they were before the fill."""
        if not self.before.is_in(lambda place: document.pixels[place.slices]):
            return False
        return self.alpha is None or self.alpha.is_in(
            lambda place: document.read("alpha")[place.slices]
        )

    def is_faded(self, document: Document) -> bool:
        """Whether one of the fills was faded, and nothing else was done since it was made."""
        from app.document.retouching.fading import was_faded_last

        entry = was_faded_last(document)
        return entry is not None and entry.recipe is not None and entry.recipe.mask is self.mask

    def freeze_request(self, document: Document, attempt: Attempt) -> FrozenRequest:
        """The request for one more fill: the document as it is, but the places as before."""
        options = replace(
            self.options,
            engine=attempt.engine,
            seed=attempt.seed,
            perspective=attempt.perspective,
            regularity=attempt.regularity,
            protect=protected_part(document),
            semantic=self.options.semantic if attempt.engine == self.options.engine else None,
            source=source_part(document),
        )
        pixels, alpha = FrozenPixels.of(document), FrozenPixels.of_alpha(document)
        for place, values in self.before.items():
            pixels = pixels.put(place, values)
        if alpha is not None and self.alpha is not None:
            for place, values in self.alpha.items():
                alpha = alpha.put(place, values)
        return FrozenRequest(document.photo, pixels, alpha, document.revision, self.mask, options)

    def next(self, engines: Sequence[EngineRow]) -> Attempt | None:
        """What to try next: first what differs in kind, what is fast before networks, then other
        seeds; None where no more fill would differ.
        """
        if self.planned is None:
            self.planned = self._plan(engines)
        return next(self.planned, None)

    def _plan(self, engines: Sequence[EngineRow]) -> Iterator[Attempt]:
        if self.is_settled:
            return
        first, did = self.fills[0].attempt, self.fills[0].recipe.engines
        networks = {row.id for row in engines if row.is_network}
        kinds = list(self.others)
        for row in engines:
            differs = row.id != first.engine and did != (row.id,)
            if row.is_usable and row.is_offered and differs:
                kinds.append(replace(first, kind=_name_kind(row), engine=row.id))

        def is_slow(attempt: Attempt) -> bool:
            works = did if attempt.engine == first.engine else (attempt.engine,)
            return not networks.isdisjoint(works)

        yield from sorted(kinds, key=is_slow)
        own = next((row for row in engines if row.id == first.engine), None)
        if own is not None and own.is_single and not own.is_offered:
            return  # it makes no texture, and the same for every seed
        self.repeats = 0
        seed = first.seed
        while self.repeats < _MOST_REPEATS:
            seed += 1
            yield replace(first, kind="again", seed=seed)


def describe_attempt(attempt: Attempt, engines: Sequence[EngineRow], number: int) -> str:
    """In a word or two, what is special about the fill that is the ``number``-th of its hole: of
    several networks each is named.
    """
    title = next((row.title for row in engines if row.id == attempt.engine), attempt.engine)
    networks = [row for row in engines if row.is_network and row.is_usable and row.is_offered]
    is_one_of_several = attempt.kind == "network" and len(networks) > 1
    kind = "engine" if is_one_of_several else attempt.kind
    return t(f"fill.kind.{kind}", engine=title, number=number)


def _name_kind(row: EngineRow) -> Kind:
    if row.is_network:
        return "network"
    return "texture" if row.id == "exemplar" else "engine"


def _alike(one: PlacePixels | None, other: PlacePixels | None) -> bool:
    return one is other if one is None or other is None else one.looks_like(other)
