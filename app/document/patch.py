"""The changed pixels of an edit, stored for undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.document.layers import Layers
from app.document.spill_file import Span, SpillFile
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.errors import FileUnreadable
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from inpaint_core.project.model import Recipe


@dataclass(slots=True)
class Patch:
    """The other state of ``layer`` inside ``rect``; a swap exchanges it with the current one.

    ``values`` (h, w) or (h, w, 3), or (1, 1, ..) if all pixels are equal, as in most of a mask.
    """

    layer: Layer
    rect: Rect
    values: NDArray[Any]

    def swap(self, layers: Layers) -> None:
        """Exchange the layer's pixels and the stored ones."""
        target = layers.write(self.layer)[self.rect.slices]
        current = pack_values(target)
        target[...] = self.values
        self.values = current


def pack_values(values: NDArray[Any]) -> NDArray[Any]:
    """A copy of ``values`` (h, w, ...), of a single pixel if all are equal."""
    first = values[:1, :1]
    # A sparse sample rules most arrays out.
    if (values[::16, ::16] == first).all() and (values == first).all():
        return first.copy()
    return values.copy()


@dataclass(frozen=True)
class HistoryEntry:
    """An edit as the history shows it.

    ``name_key`` is the key of its title and ``values`` the title's placeholders. ``rects``: where
    it changed which layer. ``serial`` identifies the document's state after it and is unique
    within the document. ``recipe``: how a fill was made, None for other edits.
    """

    name_key: str
    values: Mapping[str, object]
    rects: tuple[tuple[Layer, Rect], ...]
    serial: int
    recipe: Recipe | None = None

    @property
    def bounds(self) -> Rect:
        """The smallest rectangle around all changes."""
        held = Rect(0, 0, 0, 0)
        for _, rect in self.rects:
            held = held.union(rect)
        return held


class StoredEdit:
    """An entry's patches, in memory or spilled."""

    def __init__(self, entry: HistoryEntry, patches: tuple[Patch, ...]) -> None:
        self.entry = entry
        self._patches = patches
        self._spilled: tuple[SpillFile, Span] | None = None

    @property
    def memory_bytes(self) -> int:
        """Bytes that its patches hold in memory."""
        return 0 if self._spilled else sum(patch.values.nbytes for patch in self._patches)

    def swap(self, layers: Layers) -> None:
        """Undo or redo the edit. Raises `FileUnreadable`, with nothing changed."""
        self._load()
        for patch in self._patches:
            patch.swap(layers)

    def make_reader(self) -> Callable[[], tuple[Patch, ...]]:
        """A function that returns the current patches, on any thread, while the spill is held.

        The function may raise `FileUnreadable`.
        """
        # A swap gives patches new arrays and never writes to the old ones.
        copies = tuple(Patch(patch.layer, patch.rect, patch.values) for patch in self._patches)
        if self._spilled is None:
            return lambda: copies
        return partial(_read_spilled, copies, *self._spilled)

    def spill(self, spill: SpillFile) -> None:
        """Move the patches out of memory. Raises OSError and then keeps them in memory.

        Uncompressed: the painting thread does this, and zlib takes twenty times longer.
        """
        span = spill.write((patch.values for patch in self._patches), self.memory_bytes)
        self._spilled = (spill, span)
        for patch in self._patches:
            # A view of one zero keeps shape and dtype and frees the memory.
            shape, kind = patch.values.shape, patch.values.dtype
            patch.values = np.broadcast_to(np.zeros((), kind), shape)

    def drop(self) -> None:
        """Free the patches; the edit cannot be swapped any more."""
        self._patches = ()
        if self._spilled is not None:
            spill, span = self._spilled
            spill.free(span)
            self._spilled = None

    def _load(self) -> None:
        if self._spilled is None:
            return
        spill, span = self._spilled
        stored = _read_spilled(self._patches, spill, span)
        for patch, other in zip(self._patches, stored, strict=True):
            patch.values = other.values
        spill.free(span)
        self._spilled = None


def _read_spilled(patches: tuple[Patch, ...], spill: SpillFile, span: Span) -> tuple[Patch, ...]:
    """Spilled patches with their values. Raises `FileUnreadable`."""
    try:
        held = spill.read(span)
    except OSError as error:
        raise FileUnreadable("history.unreadable", reason=error) from error
    place = 0
    found: list[Patch] = []
    for patch in patches:
        shape, kind = patch.values.shape, patch.values.dtype
        size = patch.values.size
        values = np.frombuffer(held, kind, size, place).reshape(shape).copy()
        found.append(Patch(patch.layer, patch.rect, values))
        place += size * kind.itemsize
    return tuple(found)
