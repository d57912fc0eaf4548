"""What a project holds: the edits of a photo, how its fills were made, and which photo it was."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect, Segment
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult

ENDING = ".lacuna"

Layer = Literal["pixels", "alpha", "mask", "protect", "edges"]
"""The photo with its fills; how opaque it is; what is painted (255 = fill); what must not be copied
from (255); edges that a fill is to have, drawn by hand (255)."""


@dataclass(frozen=True, eq=False)
class Part:
    """Values of an array of the photo's size inside ``rect``: (h, w) uint8, alpha (h, w) at the
    photo's depth, or (h, w, 3) pixels.

    ``load`` gives them; a project that was read decodes them then, and may raise `ProjectDamaged`.
    """

    rect: Rect
    load: Callable[[], NDArray[Any]]

    @classmethod
    def of(cls, rect: Rect, values: NDArray[Any]) -> Part:
        """A part whose values are in memory already."""
        return cls(rect, lambda: values)

    @classmethod
    def bounding(cls, values: NDArray[np.uint8]) -> Part | None:
        """What of ``values`` (H, W) is not 0, as a copy; None when everything is."""
        rect = Rect.bounding(values)
        return None if rect.empty else cls.of(rect, values[rect.slices].copy())

    def kept(self) -> Part:
        """The same part with its values in memory."""
        return Part.of(self.rect, self.load())

    def spread(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """The values in an array of ``shape`` (H, W, ...) that is 0 everywhere else."""
        out = np.zeros(shape[:2], np.uint8)
        out[self.rect.slices] = self.load()
        return out


@dataclass(frozen=True, eq=False)
class Recipe:
    """How a fill was made, so that it can be made again: see `InpaintRequest` for the words.

    ``mask`` is what was filled; ``protect`` and ``edges`` hold where they are above 127.
    ``engines`` are those that did the work where ``engine`` chooses among others;
    ``weights_sha256`` and ``device`` say with and on what.
    """

    engine: str
    mask: Part
    seed: int = 0
    grow: int = 0
    feather: float = 2.0
    protect: Part | None = None
    edges: Part | None = None
    lines: tuple[Segment, ...] = ()
    engines: tuple[str, ...] = ()
    weights_sha256: str | None = None
    device: str = ""

    def made(self, result: InpaintResult) -> Recipe:
        """The same with what came of it."""
        return replace(
            self,
            engine=result.engine,
            seed=result.seed,
            engines=tuple(sorted({str(step["engine"]) for step in result.plan})),
            weights_sha256=result.weights_sha256,
            device=result.device,
        )

    def request(self, image: Pixels, device: str = "auto") -> InpaintRequest:
        """The same fill of a photo (H, W, 3) of the same size."""
        shape = image.shape
        return InpaintRequest(
            image,
            self.mask.spread(shape),
            self.engine,
            self.seed,
            self.grow,
            self.feather,
            protect=None if self.protect is None else self.protect.spread(shape) > 127,
            lines=self.lines,
            edges=None if self.edges is None else self.edges.spread(shape) > 127,
            device=device,
        )

    def kept(self) -> Recipe:
        """The same with everything in memory, for when the project is closed."""
        return replace(
            self,
            mask=self.mask.kept(),
            protect=None if self.protect is None else self.protect.kept(),
            edges=None if self.edges is None else self.edges.kept(),
        )

    def same_hole(self, other: Recipe) -> bool:
        """True when both filled just the same mask."""
        return self.mask.rect == other.mask.rect and np.array_equal(
            self.mask.load(), other.mask.load()
        )


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
        return sum(part.rect.area * (3 if layer == "pixels" else 1) for layer, part in self.changes)


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

    ``position`` says how many of the ``edits`` are done: those after it were undone.
    """

    def __init__(
        self,
        path: Path,
        original: Original,
        edits: Sequence[Edit],
        position: int,
        close: Callable[[], None],
    ) -> None:
        self.path = path
        self.original = original
        self.edits = tuple(edits)
        self.position = position
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
        several fills of one mask only the last.
        """
        found: list[Recipe] = []
        for recipe in self._made():
            found = [other for other in found if not recipe.same_hole(other)]
            found.append(recipe)
        return tuple(found)

    def _made(self) -> Iterator[Recipe]:
        for edit in self.edits[: self.position]:
            if edit.recipe is not None:
                yield edit.recipe
