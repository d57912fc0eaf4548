"""The document: an open photo with its layers and its history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import EllipsisType, MappingProxyType
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.history import History
from app.document.layer_tiles import (
    LayerChange,
    TileKey,
    merge_by_layer,
    merge_tiles,
    tile_rect,
    tiles_in,
)
from app.document.layers import Layers
from app.document.open_edit import OpenEdit, Patches
from app.document.patch import HistoryEntry, StoredEdit
from app.document.planes import PLANES, format_planes, parse_planes
from app.document.restoration import (
    Colours,
    cover_restored,
    mix_restored,
    read_filled,
    write_restored,
)
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Plane, Rect
from inpaint_core.photo.photo import Photo

if TYPE_CHECKING:
    from inpaint_core.project.model import Recipe

MAP_CLEARED = "history.semantic.cleared"
"""The title of the edit that removes the semantic map."""

Listener = Callable[[LayerChange], None]
Touched = dict[tuple[Layer, TileKey], Rect]


class Document:
    """The only writer of a photo's layers; every write is an edit in its history.

    ``photo`` is the photo as opened and is never written to. The history holds at most
    ``history_bytes`` in memory and the rest in a temporary file in ``spill`` (None: the system's
    temporary folder). ``revision`` grows with every committed edit, undo and redo. Belongs to one
    thread; copy arrays before another thread gets them.
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
        self._unannounced: Touched | None = None
        self._editing: OpenEdit | None = None
        self._serial = 0
        self._saved = 0
        self._map_copy: tuple[int, NDArray[np.uint8]] | None = None  # with its entry's serial

    @property
    def pixels(self) -> NDArray[Any]:
        """(H, W, 3) in the photo's depth, with the fills; read-only.

        The photo's own array until the first fill replaces it.
        """
        return self._layers.read("pixels")

    @property
    def alpha(self) -> NDArray[Any] | None:
        """(H, W) opacity in the photo's depth, with the fills; None without alpha. Read-only."""
        return None if self.photo.alpha is None else self._layers.read("alpha")

    @property
    def mask(self) -> NDArray[np.uint8]:
        """(H, W), 0 keep .. 255 fill; read-only."""
        return self._layers.read("mask")

    @property
    def protect(self) -> NDArray[np.uint8]:
        """(H, W), 255 where nothing may be copied from; read-only."""
        return self._layers.read("protect")

    @property
    def source(self) -> NDArray[np.uint8]:
        """(H, W), 255 where may be copied from; nowhere: from everywhere. Read-only."""
        return self._layers.read("source")

    @property
    def edges(self) -> NDArray[np.uint8]:
        """(H, W), 255 on edges drawn by hand for a fill; read-only."""
        return self._layers.read("edges")

    def read(self, layer: Layer) -> NDArray[Any]:
        """Any layer: (H, W), or (H, W, 3) for colours; read-only. Raises ValueError for the alpha
        of a photo without alpha.
        """
        return self._layers.read(layer)

    def has_painted(self, layer: Layer) -> bool:
        """True if any pixel of a layer (H, W) of 8 bits, such as the mask, is not 0."""
        return self.is_written(layer) and bool(cv2.hasNonZero(self.read(layer)))

    def read_filled(self, rect: Rect) -> Colours:
        """What the fills left in ``rect``, whether or not the original was painted over it: views
        where it was not.
        """

        def read(layer: Layer, rect: Rect) -> NDArray[Any]:
            return self._layers.read(layer)[rect.slices]

        if not self.is_written("restored"):
            return Colours(
                read("pixels", rect), None if self.alpha is None else read("alpha", rect)
            )
        return read_filled(read, rect, read("restored", rect), self.alpha is not None)

    def show_restored(self, rect: Rect, filled: Colours) -> Colours:
        """What ``rect`` would look like with ``filled`` under what was painted back."""
        if not self.is_written("restored"):
            return filled
        alpha = None if filled.alpha is None else self._layers.read_original("alpha")[rect.slices]
        original = Colours(self.photo.pixels[rect.slices], alpha)
        return mix_restored(filled, original, self._layers.read("restored")[rect.slices])

    @property
    def planes(self) -> tuple[Plane, ...]:
        """The surfaces that were set by hand, to be continued in perspective."""
        done = self.history.entries[: self.history.position]
        text = next((e.values[PLANES] for e in reversed(done) if PLANES in e.values), "[]")
        return parse_planes(text)

    def set_planes(self, planes: Sequence[Plane], name: str = "history.plane") -> None:
        """Set other surfaces, as an edit with the title ``name``. Raises as `begin`."""
        with self.edit(name, {PLANES: format_planes(planes)}):
            pass  # they are all that it holds

    @property
    def semantic(self) -> NDArray[np.uint8]:
        """(H, W, 3), what things are, a colour for each class; black without a map. Read-only."""
        return self._layers.read("semantic")

    @property
    def has_semantic(self) -> bool:
        """Whether a semantic map was set and not removed since."""
        entry = self._find_map_entry()
        return entry is not None and entry.name_key != MAP_CLEARED

    def copy_semantic(self) -> NDArray[np.uint8] | None:
        """The semantic map as it is now, the same array until it changes; None if there is none."""
        entry = self._find_map_entry()
        if entry is None or entry.name_key == MAP_CLEARED:
            return None
        if self._map_copy is None or self._map_copy[0] != entry.serial:
            self._map_copy = (entry.serial, self.semantic.copy())
        return self._map_copy[1]

    def set_semantic(self, labels: NDArray[np.uint8] | None) -> None:
        """Set a semantic map (H, W, 3), or remove it, as an edit. Raises as `begin`."""
        values = np.zeros((*self.shape, 3), np.uint8) if labels is None else labels
        with self.edit(MAP_CLEARED if labels is None else "history.semantic") as editing:
            editing.write("semantic", Rect.whole(self.shape), values)

    def _find_map_entry(self) -> HistoryEntry | None:
        done = self.history.entries[: self.history.position]
        changed = (e for e in reversed(done) if any(layer == "semantic" for layer, _ in e.rects))
        return next(changed, None)

    def is_written(self, layer: Layer) -> bool:
        """False for a layer in its initial state. Unlike a read, this allocates nothing."""
        return self._layers.is_written(layer)

    @property
    def is_modified(self) -> bool:
        """True if the state differs from the one that was opened or last saved."""
        return self.history.state != self._saved

    @property
    def is_editing(self) -> bool:
        """True while an edit is in progress."""
        return self._editing is not None

    def mark_saved(self) -> None:
        """Record that the file holds the current state."""
        self._saved = self.history.state
        self._notify(LayerChange("history"))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every change, until the returned function is called."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def begin(
        self, name: str, values: Mapping[str, object] | None = None, recipe: Recipe | None = None
    ) -> OpenEdit:
        """Start an edit. ``name`` is the key of its title and ``values`` its placeholders;
        ``recipe`` says how a fill was made.

        Raises RuntimeError while another edit is in progress.
        """
        self._check_idle()
        frozen = MappingProxyType(dict(values or {}))

        def end(patches: Patches | None) -> None:
            self._editing = None
            if patches or (patches is not None and PLANES in frozen):
                self._serial += 1
                rects = merge_by_layer({key: patch.rect for key, patch in patches.items()})
                entry = HistoryEntry(name, frozen, rects, self._serial, recipe)
                self.history.push(StoredEdit(entry, tuple(patches.values())))
                self.revision += 1
            self._notify(LayerChange("history"))

        editing = self._editing = OpenEdit(self._layers, self._notify, end)
        self._notify(LayerChange("history"))
        return editing

    @contextmanager
    def edit(
        self, name: str, values: Mapping[str, object] | None = None, recipe: Recipe | None = None
    ) -> Iterator[OpenEdit]:
        """An edit that is committed at the end of the block or rolled back on an exception."""
        editing = self.begin(name, values, recipe)
        try:
            yield editing
        except BaseException:
            editing.rollback()
            raise
        editing.commit()

    @contextmanager
    def announce_together(self) -> Iterator[None]:
        """Announce what is changed in the block at its end, as one step: for many edits, whose
        states in between nobody needs to see.
        """
        self._unannounced = {}
        try:
            yield
        finally:
            touched, self._unannounced = self._unannounced, None
            self._announce(touched)

    def undo(self) -> None:
        """Undo the last edit, if there is one. Raises as `go_to`."""
        self.go_to(max(self.history.position - 1, 0))

    def redo(self) -> None:
        """Redo the edit that was undone last, if there is one. Raises as `go_to`."""
        self.go_to(min(self.history.position + 1, len(self.history.entries)))

    def go_to(self, position: int) -> None:
        """Undo or redo until ``position`` entries are done.

        Raises RuntimeError while an edit is in progress, IndexError for a position outside the
        history, and `FileUnreadable` if the data of a step are gone; the document then stays at
        the last step that could be reached.
        """
        self._check_idle()
        if not 0 <= position <= len(self.history.entries):
            raise IndexError(position)
        touched: Touched = {}
        before = self.history.state
        try:
            while self.history.position != position:
                back = self.history.position > position
                entry = self.history.undo() if back else self.history.redo()
                for layer, rect in entry.rects:
                    self._touch(touched, layer, rect)
        finally:
            if self.history.state != before:
                self.revision += 1
                self._announce(touched)

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
        keep_restored: bool = False,
    ) -> None:
        """Write ``pixels`` (h, w, 3), and ``alpha`` (h, w) if given, in the photo's depth into
        ``rect`` and clear the mask, as one edit.

        The mask becomes 0 inside ``clear``: ``rect`` by default; None keeps the mask. If ``filled``
        (H, W), the mask that was filled, is given, only its pixels become 0, so that what was
        painted since stays. Drawn edges are cleared like the mask. ``recipe`` says how the fill
        was made. ``keep_restored``: what was painted back of the original stays over the new
        pixels; else it is overwritten like anything else.
        """
        with self.edit(name, values, recipe) as editing:
            if keep_restored and self.is_written("restored"):
                under = self.read_filled(rect)
                now = Colours(pixels, under.alpha if alpha is None else alpha)
                write_restored(editing, rect, now, editing.read("restored", rect).copy())
            else:
                opacity = None if alpha is None else editing.read("alpha", rect)
                before = Colours(editing.read("pixels", rect), opacity)
                cover_restored(editing, rect, before, Colours(pixels, alpha))
                self._write_changed(editing, "pixels", rect, pixels)
                if alpha is not None:
                    self._write_changed(editing, "alpha", rect, alpha)
            cleared = rect if isinstance(clear, EllipsisType) else clear
            if cleared is not None:
                cleared = cleared.intersect(Rect.whole(self.shape))
                layers: tuple[Layer, ...] = ("mask", "edges")
                for layer in layers:
                    if layer == "mask" or self.is_written(layer):
                        self._clear(editing, layer, cleared, filled)

    def _clear(
        self, editing: OpenEdit, layer: Layer, rect: Rect, filled: NDArray[np.uint8] | None
    ) -> None:
        kept = np.zeros((rect.h, rect.w), np.uint8)
        if filled is not None:
            now = editing.read(layer, rect)
            kept = np.where(filled[rect.slices] > 0, 0, now).astype(np.uint8, copy=False)
        self._write_changed(editing, layer, rect, kept)

    def _write_changed(
        self, editing: OpenEdit, layer: Layer, rect: Rect, values: NDArray[Any]
    ) -> None:
        """Write ``values`` where they differ, tile by tile: what lies between a few spots is not
        kept for undo, written to the journal and painted again.
        """
        now, changed = editing.read(layer, rect), dict[TileKey, Rect]()
        for key in tiles_in(rect):
            part = tile_rect(key, self.shape).intersect(rect)
            at = part.translate(-rect.x, -rect.y).slices
            if not np.array_equal(values[at], now[at]):
                changed[key] = part
        for part in merge_tiles(changed):
            editing.write(layer, part, values[part.translate(-rect.x, -rect.y).slices])

    def _check_idle(self) -> None:
        if self._editing is not None:
            raise RuntimeError("another edit is in progress")

    def _touch(self, touched: Touched, layer: Layer, rect: Rect) -> None:
        """Note in ``touched`` that a layer was changed inside ``rect``."""
        for key in tiles_in(rect):
            part = rect.intersect(tile_rect(key, self.shape))
            touched[layer, key] = touched.get((layer, key), part).union(part)

    def _announce(self, touched: Touched) -> None:
        for layer, rect in merge_by_layer(touched):
            self._notify(LayerChange(layer, rect))
        self._notify(LayerChange("history"))

    def _notify(self, change: LayerChange) -> None:
        if self._unannounced is not None:
            if change.layer != "history":
                self._touch(self._unannounced, change.layer, change.rect)
            return
        for listener in tuple(self._listeners):
            listener(change)
