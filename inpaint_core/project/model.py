"""What a project holds: a photo's edits, how its fills were made, and which photo it was."""

from __future__ import annotations

import hashlib
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintResult
from inpaint_core.photo.file_version import FileVersion

COLOURS: tuple[Layer, ...] = ("pixels", "filled")
"""The layers (H, W, 3) at the photo's depth."""
OPACITIES: tuple[Layer, ...] = ("alpha", "filled_alpha")
"""The layers (H, W) at the photo's depth; all others have 8 bits, and one value for each pixel but
“semantic”, which has three."""


@dataclass(frozen=True, eq=False)
class Part:
    """Values of an array of the photo's size inside ``rect``: (h, w) uint8, alpha (h, w) at the
    photo's depth, (h, w, 3) pixels, or a semantic map (h, w, 3) uint8.

    ``load`` returns them; those of a file are decoded only then, which may raise `ProjectDamaged`.
    """

    rect: Rect
    load: Callable[[], NDArray[Any]]

    @classmethod
    def of(cls, rect: Rect, values: NDArray[Any]) -> Part:
        """A part whose values are in memory already."""
        return cls(rect, lambda: values)

    @classmethod
    def bounding(cls, values: NDArray[np.uint8]) -> Part | None:
        """A copy of what is not 0 in ``values`` (H, W); None when everything is 0."""
        found = cls.copied(values)
        return None if found.rect.is_empty else found

    @classmethod
    def copied(cls, values: NDArray[np.uint8]) -> Part:
        """As `bounding`, with an empty rectangle where everything is 0."""
        rect = Rect.bounding(values)
        return cls.of(rect, values[rect.slices].copy())

    def kept(self) -> Part:
        """The same part with its values in memory."""
        return Part.of(self.rect, self.load())

    def equals(self, other: Part) -> bool:
        """True when both hold the same values in the same place."""
        return self.rect == other.rect and np.array_equal(self.load(), other.load())

    def digest(self) -> bytes:
        """The SHA-256 of the values."""
        return hashlib.sha256(self.load().tobytes()).digest()

    def over(self, rect: Rect) -> NDArray[np.uint8]:
        """A copy (h, w), of a semantic map (h, w, 3), of the values in any ``rect`` of the photo, 0
        outside of the part.
        """
        values = self.load()
        out = np.zeros((rect.h, rect.w, *values.shape[2:]), np.uint8)
        common = self.rect.intersect(rect)
        if not common.is_empty:
            source = values[common.translate(-self.rect.x, -self.rect.y).slices]
            out[common.translate(-rect.x, -rect.y).slices] = source
        return out

    def spread(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """The values in an array of ``shape`` (H, W, ...)."""
        return self.over(Rect.whole(shape))


def as_arrays(options: FillOptions[Part], shape: tuple[int, ...]) -> FillOptions[BoolMask]:
    """The options with masks (H, W) bool for a photo of ``shape``, True above 127, and with the
    semantic map (H, W, 3) uint8.
    """
    return options.with_masks(
        lambda part: part.spread(shape) > 127, convert_semantic=lambda part: part.spread(shape)
    )


@dataclass(frozen=True, eq=False)
class Recipe:
    """How a fill was made, so that it can be made again.

    ``mask`` is what was filled, with ``options``, whose device is the one it was made on.
    ``engines`` did the work where the engine of the options chooses among others;
    ``weights_sha256`` says with which weights.
    """

    mask: Part
    options: FillOptions[Part]
    engines: tuple[str, ...] = ()
    weights_sha256: str | None = None

    def with_outcome(self, result: InpaintResult) -> Recipe:
        """The recipe with what the ``result`` says of how it was made."""
        return replace(
            self,
            options=replace(
                self.options, engine=result.engine, seed=result.seed, device=result.device
            ),
            engines=tuple(sorted({str(step["engine"]) for step in result.plan})),
            weights_sha256=result.weights_sha256,
        )

    def kept(self) -> Recipe:
        """The same with everything in memory, for when the project is closed."""
        return replace(self, mask=self.mask.kept(), options=self.options.with_masks(Part.kept))


SNAPSHOT = "history.snapshot"
"""The name of an edit that brings back a state that was kept."""
FILLS = "fills"
"""The value of such an edit that says which fills are seen then (`find_fills`)."""


@dataclass(frozen=True, eq=False)
class Edit:
    """A step of the history: ``name`` as the editor calls it (“history.brush”) with ``values``
    that stand in its sentence, what the layers hold after it where it changed them, and for a
    fill how it was made.
    """

    name: str
    changes: tuple[tuple[Layer, Part], ...]
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    recipe: Recipe | None = None

    def kept(self) -> Edit:
        """The same with everything in memory. Raises as the parts do."""
        return replace(
            self,
            changes=tuple((layer, part.kept()) for layer, part in self.changes),
            recipe=None if self.recipe is None else self.recipe.kept(),
        )

    @property
    def bytes(self) -> int:
        """What the changes take in memory at 8 bits per channel."""
        colours = (*COLOURS, "semantic")
        return sum(part.rect.area * (3 if layer in colours else 1) for layer, part in self.changes)


def find_fills(edits: Sequence[tuple[str, Mapping[str, object], Recipe | None]]) -> list[int]:
    """Which of ``edits`` (name, values, recipe), in order, are fills that none of them left.

    An edit named `SNAPSHOT` goes back to the fills that its value “fills” counts: how many steps
    before it each was made (“5,2”).
    """
    found: list[int] = []
    for index, (name, values, recipe) in enumerate(edits):
        if name == SNAPSHOT and FILLS in values:
            backs = [int(back) for back in str(values[FILLS]).split(",") if back.isdecimal()]
            found = sorted(index - back for back in backs if 0 < back <= index)
        elif recipe is not None:
            found.append(index)
    return found


@dataclass(frozen=True)
class CopyPoints:
    """The points (x, y) of the photo that brushes copy from, ``source``, and to, ``target``, which
    is None before the first stroke. ``number``: which of the stored sources it is, from 1 to
    `MOST_COPY_SOURCES`; ``others``: the others, which have no others.
    """

    source: tuple[float, float]
    target: tuple[float, float] | None = None
    number: int = 1
    others: tuple[CopyPoints, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As it stands in a project: `take_copy_points` reads it."""
        return {
            "source": list(self.source),
            "target": None if self.target is None else list(self.target),
            "number": self.number,
            "others": [each.to_json() for each in self.others],
        }


@dataclass(frozen=True)
class Original:
    """The photo that a project belongs to.

    ``sha256`` of its file (None: not known, as the file changed after it was opened), the file's
    ``size`` in bytes, ``shape`` (H, W) of the upright photo and ``bits`` per channel.
    ``relative``: the way from the project's folder, with “/”; ``absolute``: the whole path. Either
    may be missing.
    """

    sha256: str | None
    size: int
    shape: tuple[int, int]
    bits: int
    relative: str | None
    absolute: str | None

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(self.relative or self.absolute or "").name


class Project:
    """A project that was read; its file stays open for the parts until `close`.

    ``position`` says how many of the ``edits`` are done: those after it were undone. ``version`` is
    that of the file when it was read. ``copy_points``: None where no brush has copied yet.
    """

    def __init__(
        self,
        path: Path,
        original: Original,
        edits: Sequence[Edit],
        position: int,
        close: Callable[[], None],
        version: FileVersion,
        copy_points: CopyPoints | None = None,
    ) -> None:
        self.path = path
        self.version = version
        self.original = original
        self.edits = tuple(edits)
        self.position = position
        self.copy_points = copy_points
        self.close = close
        weakref.finalize(self, close)  # whoever was to close it may have been cancelled

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def decode(self, limit: int, progress: Progress) -> None:
        """Decode the edits now, in order, as far as they take no more than ``limit`` bytes.

        Raises `ProjectDamaged` or `Cancelled`.
        """
        found, held = list(self.edits), 0
        for number, edit in enumerate(self.edits):
            progress.check()
            held += edit.bytes * self.original.bits // 8
            if held > limit:
                break
            found[number] = edit.kept()
        self.edits = tuple(found)

    def recipes(self) -> tuple[Recipe, ...]:
        """The fills to make on another photo, in order: those that were not undone, and of
        several fills of one mask only the last. Raises `ProjectDamaged`.
        """
        # Only masks in the same place can be the same, and are looked at for it.
        places = Counter(recipe.mask.rect for recipe in self._made())
        last: dict[Rect | tuple[Rect, bytes], Recipe] = {}
        for recipe in self._made():
            rect = recipe.mask.rect
            mask = rect if places[rect] == 1 else (rect, recipe.mask.digest())
            last.pop(mask, None)  # the order is that of the last fills
            last[mask] = recipe
        return tuple(last.values())

    def _made(self) -> Iterator[Recipe]:
        edits = self.edits[: self.position]
        for index in find_fills(tuple((edit.name, edit.values, edit.recipe) for edit in edits)):
            recipe = edits[index].recipe
            if recipe is not None:
                yield recipe
