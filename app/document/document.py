"""A photo that is being worked on: what was opened, what was painted, what was filled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import EllipsisType, MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.document.change import Change, Layer
from app.document.editing import Editing, Patches
from app.document.history import History
from app.document.layers import Layers
from app.document.patch import Edit, Entry
from app.document.tiles import Key, joined, tile_rect, tiles
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo

if TYPE_CHECKING:
    from inpaint_core.project.model import Recipe

Listener = Callable[[Change], None]


class Document:
    """The only one that writes to a photo's pixels and mask, always as an edit of its history.

    ``photo`` is as it was opened and is never written to. ``history_bytes`` is what the history
    may hold in memory; what is more goes to a file in ``spill`` (None: the system's folder for
    temporary files) that goes away with the program. ``revision`` grows with every committed
    edit, undo and redo. Belongs to one thread; arrays that go to another one must be copied.
    """

    def __init__(
        self,
        photo: Photo,
        path: Path | None = None,
        history_bytes: int = 512 * 2**20,
        spill: Path | None = None,
    ) -> None:
        self.photo = photo
        self.path = path
        self.shape = photo.shape
        self.revision = 0
        self._layers = Layers(photo)
        self.history = History(self._layers, history_bytes, spill)
        self._listeners: list[Listener] = []
        self._editing: Editing | None = None
        self._serial = 0
        self._saved = 0

    @property
    def pixels(self) -> NDArray[Any]:
        """(H, W, 3), the photo's depth, with the fills; not to be written to.

        The photo's own array until the first fill, so ask again after it.
        """
        return self._layers.read("pixels")

    @property
    def alpha(self) -> NDArray[Any] | None:
        """(H, W), the photo's depth, how opaque it is with the fills; None for a photo that is
        opaque everywhere. Not to be written to.
        """
        return None if self.photo.alpha is None else self._layers.read("alpha")

    @property
    def mask(self) -> NDArray[np.uint8]:
        """(H, W), 0 keep .. 255 fill; not to be written to."""
        return self._layers.read("mask")

    @property
    def protect(self) -> NDArray[np.uint8]:
        """(H, W), 255 where nothing must be copied from; not to be written to."""
        return self._layers.read("protect")

    @property
    def edges(self) -> NDArray[np.uint8]:
        """(H, W), 255 on edges that a fill is to have, drawn by hand; not to be written to."""
        return self._layers.read("edges")

    def made(self, layer: Layer) -> bool:
        """False for a layer that is as it began. Asking costs nothing; reading it makes it."""
        return self._layers.made(layer)

    def prepare(self) -> None:
        """Copy the photo now, which the first fill would do: 0.2 s for 60 megapixels.

        The one method that may be called on any thread, such as the one that makes the fill.
        """
        self._layers.write("pixels")

    def original(self, rect: Rect) -> NDArray[Any]:
        """The photo inside ``rect`` before any fill; not to be written to."""
        view = self.photo.pixels[rect.slices]
        view.flags.writeable = False
        return view

    @property
    def modified(self) -> bool:
        """True when the document is in another state than when it was opened or last saved."""
        return self.history.state != self._saved

    @property
    def editing(self) -> bool:
        """True while an edit is being made."""
        return self._editing is not None

    def saved(self) -> None:
        """The present state is what the file holds."""
        self._saved = self.history.state
        self._tell(Change("history"))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every change, until the returned function is called."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def begin(
        self,
        name: str,
        values: Mapping[str, object] | None = None,
        recipe: Recipe | None = None,
    ) -> Editing:
        """Start an edit. ``name`` is the key of its sentence, ``values`` are put into it.
        ``recipe`` says how a fill was made.

        Raises RuntimeError while another edit is being made.
        """
        self._check_idle()
        frozen = MappingProxyType(dict(values or {}))

        def done(patches: Patches | None) -> None:
            self._editing = None
            if patches:
                self._serial += 1
                entry = Entry(name, frozen, _places(patches), self._serial, recipe)
                self.history.push(Edit(entry, tuple(patches.values())))
                self.revision += 1
            self._tell(Change("history"))

        editing = Editing(self._layers, self._tell, done)
        self._editing = editing
        self._tell(Change("history"))
        return editing

    @contextmanager
    def edit(
        self,
        name: str,
        values: Mapping[str, object] | None = None,
        recipe: Recipe | None = None,
    ) -> Iterator[Editing]:
        """An edit that is committed at the end of the block, or rolled back on an exception."""
        editing = self.begin(name, values, recipe)
        try:
            yield editing
        except BaseException:
            editing.rollback()
            raise
        editing.commit()

    def undo(self) -> None:
        """Take the last edit back; nothing happens when there is none. Raises as `go`."""
        self.go(max(self.history.position - 1, 0))

    def redo(self) -> None:
        """Do the edit that was undone last again; nothing happens without one. Raises as `go`."""
        self.go(min(self.history.position + 1, len(self.history.entries)))

    def go(self, position: int) -> None:
        """Undo or redo until ``position`` entries are done.

        Raises RuntimeError while an edit is being made, IndexError for a position that is not in
        the history, and `FileUnreadable` when the file of a step is gone; the document then
        stands at the last step that could be reached.
        """
        self._check_idle()
        if not 0 <= position <= len(self.history.entries):
            raise IndexError(position)
        touched: dict[Layer, dict[Key, Rect]] = {}
        try:
            while self.history.position != position:
                back = self.history.position > position
                entry = self.history.back() if back else self.history.forward()
                for layer, rect in entry.rects:
                    held = touched.setdefault(layer, {})
                    for key in tiles(rect):
                        part = rect.intersect(tile_rect(key, self.shape))
                        held[key] = held.get(key, part).union(part)
        finally:
            if touched:
                self.revision += 1
                for layer, rects in touched.items():
                    for rect in joined(rects):
                        self._tell(Change(layer, rect))
                self._tell(Change("history"))

    def apply_fill(
        self,
        rect: Rect,
        pixels: NDArray[Any],
        name: str = "history.fill",
        clear: Rect | EllipsisType | None = ...,
        filled: NDArray[np.uint8] | None = None,
        values: Mapping[str, object] | None = None,
        recipe: Recipe | None = None,
        alpha: NDArray[Any] | None = None,
    ) -> None:
        """Put ``pixels`` (h, w, 3) in the photo's depth into ``rect`` and clear the mask: one edit.

        ``alpha`` (h, w), where given, is how opaque they are from now on.

        The mask becomes 0 inside ``clear``: by default ``rect``, None leaves it alone. Where
        ``filled`` (H, W) is given, the mask that was filled, only pixels that it held become 0:
        what was painted since stays. Drawn edges go as the mask does. Nothing else changes.
        ``recipe`` says how it was made.
        """
        with self.edit(name, values, recipe) as editing:
            editing.write("pixels", rect, pixels)
            if alpha is not None:
                editing.write("alpha", rect, alpha)
            cleared = rect if isinstance(clear, EllipsisType) else clear
            if cleared is not None:
                cleared = cleared.intersect(Rect.whole(self.shape))
                layers: tuple[Layer, ...] = ("mask", "edges")
                for layer in layers:
                    if layer == "mask" or self.made(layer):
                        self._clear(editing, layer, cleared, filled)

    def _clear(
        self, editing: Editing, layer: Layer, rect: Rect, filled: NDArray[np.uint8] | None
    ) -> None:
        kept = np.zeros((rect.h, rect.w), np.uint8)
        if filled is not None:
            now = editing.now(layer, rect)
            kept = np.where(filled[rect.slices] > 0, 0, now).astype(np.uint8, copy=False)
        editing.write(layer, rect, kept)

    def _check_idle(self) -> None:
        if self._editing is not None:
            raise RuntimeError("another edit is being made")

    def _tell(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)


def _places(patches: Patches) -> tuple[tuple[Layer, Rect], ...]:
    """Where each layer changed."""
    by_layer: dict[Layer, dict[Key, Rect]] = {}
    for (layer, key), patch in patches.items():
        by_layer.setdefault(layer, {})[key] = patch.rect
    return tuple((layer, rect) for layer, rects in by_layer.items() for rect in joined(rects))
