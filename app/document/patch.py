"""What an edit changed, kept so that it can be taken back and done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.document.change import Layer
from app.document.layers import Layers
from app.document.spill_file import Span, Spill
from inpaint_core.contract.errors import FileUnreadable
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from inpaint_core.project.model import Recipe


@dataclass(slots=True)
class Patch:
    """The other state of ``layer`` inside ``rect``: swapped in, it remembers what it replaced.

    ``values`` (h, w) or (h, w, 3), or (1, 1, ..) where all pixels are equal, as in most of a mask.
    """

    layer: Layer
    rect: Rect
    values: NDArray[Any]

    def swap(self, layers: Layers) -> None:
        """Exchange the layer's pixels and the remembered ones."""
        target = layers.write(self.layer)[self.rect.slices]
        now = packed(target)
        target[...] = self.values
        self.values = now


def packed(values: NDArray[Any]) -> NDArray[Any]:
    """A copy of ``values`` (h, w, ...), of a single pixel where they are all the same."""
    first = values[:1, :1]
    # Few pixels tell of most arrays that they are not even.
    if (values[::16, ::16] == first).all() and (values == first).all():
        return first.copy()
    return values.copy()


@dataclass(frozen=True)
class Entry:
    """An edit as the history shows it.

    ``name_key`` is the key of its name's sentence and ``values`` what stands in it. ``rects`` say
    where it changed which layer. ``serial`` names the state of the document after it: no two
    edits of a document have the same. ``recipe``: how a fill was made, None for other edits.
    """

    name_key: str
    values: Mapping[str, object]
    rects: tuple[tuple[Layer, Rect], ...]
    serial: int
    recipe: Recipe | None = None

    @property
    def bounds(self) -> Rect:
        """The smallest rectangle that holds all changes."""
        held = Rect(0, 0, 0, 0)
        for _, rect in self.rects:
            held = held.union(rect)
        return held


class Edit:
    """An entry's patches, in memory or spilled."""

    def __init__(self, entry: Entry, patches: tuple[Patch, ...]) -> None:
        self.entry = entry
        self._patches = patches
        self._spilled: tuple[Spill, Span] | None = None

    @property
    def bytes(self) -> int:
        """What its patches hold in memory."""
        return 0 if self._spilled else sum(patch.values.nbytes for patch in self._patches)

    def swap(self, layers: Layers) -> None:
        """Take the edit back, or do it again. Raises `FileUnreadable`; nothing has changed then."""
        self._load()
        for patch in self._patches:
            patch.swap(layers)

    def reader(self) -> Callable[[], tuple[Patch, ...]]:
        """Gives the patches as they are now, on any thread, while the spill is held.

        What it returns may raise `FileUnreadable`.
        """
        # Patches get other arrays when they are swapped and never write to those they had.
        copies = tuple(Patch(patch.layer, patch.rect, patch.values) for patch in self._patches)
        if self._spilled is None:
            return lambda: copies
        return partial(_read, copies, *self._spilled)

    def spill(self, spill: Spill) -> None:
        """Move the patches out of memory. Raises OSError; they are kept then.

        Uncompressed: the thread that paints does this, and zlib takes twenty times longer.
        """
        span = spill.put((patch.values for patch in self._patches), self.bytes)
        self._spilled = (spill, span)
        for patch in self._patches:
            # A view of one zero: shape and dtype are remembered, the memory is given back.
            shape, kind = patch.values.shape, patch.values.dtype
            patch.values = np.broadcast_to(np.zeros((), kind), shape)

    def drop(self) -> None:
        """Forget the patches; the edit cannot be swapped any more."""
        self._patches = ()
        if self._spilled is not None:
            spill, span = self._spilled
            spill.free(span)
            self._spilled = None

    def _load(self) -> None:
        if self._spilled is None:
            return
        spill, span = self._spilled
        for patch, found in zip(self._patches, _read(self._patches, spill, span), strict=True):
            patch.values = found.values
        spill.free(span)
        self._spilled = None


def _read(patches: tuple[Patch, ...], spill: Spill, span: Span) -> tuple[Patch, ...]:
    """Spilled patches with their values. Raises `FileUnreadable`."""
    try:
        held = spill.read(span)
    except OSError as error:
        raise FileUnreadable(
            f"This step of the history cannot be read back from the disk: {error}.",
            "The photo stays as it is now. Export it, and check the disk.",
        ) from error
    place = 0
    found: list[Patch] = []
    for patch in patches:
        shape, kind = patch.values.shape, patch.values.dtype
        size = patch.values.size
        values = np.frombuffer(held, kind, size, place).reshape(shape).copy()
        found.append(Patch(patch.layer, patch.rect, values))
        place += size * kind.itemsize
    return tuple(found)
