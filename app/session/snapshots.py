"""States of a photo that are kept under a name until the photo is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.session.controller import Controller
from app.session.session import Session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.document.document import Document
    from app.document.layer_tiles import TileKey
    from inpaint_core.contract.choices import Layer
    from inpaint_core.contract.geometry import Plane
    from inpaint_core.project.model import Recipe


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a document was: ``tiles`` (h, w[, 3]) of its layers, or (1, 1[, 3]) where all pixels of
    one are equal, wherever they differed from the photo as it was opened; its planes; and the
    recipes of the fills that are seen. Without the semantic map.
    """

    tiles: Mapping[tuple[Layer, TileKey], NDArray[Any]]
    planes: tuple[Plane, ...]
    recipes: tuple[Recipe, ...]

    @classmethod
    def of(cls, document: Document) -> Snapshot:
        """Copy the state of a document."""
        from app.document.layer_tiles import tile_rect
        from app.document.patch import pack_values
        from inpaint_core.project.model import find_fills

        tiles = {
            (layer, key): pack_values(document.read(layer)[tile_rect(key, document.shape).slices])
            for layer, key in _list_changed(document)
        }
        done = document.history.entries[: document.history.position]
        found = find_fills(tuple((entry.name_key, entry.values, entry.recipe) for entry in done))
        recipes = tuple(recipe for index in found if (recipe := done[index].recipe) is not None)
        return cls(tiles, document.planes, recipes)

    def restore(self, document: Document, name: str) -> None:
        """Give a document that state again, as one edit that names it; as none if it has it."""
        import numpy as np

        from app.document.layer_tiles import tile_rect
        from app.document.planes import PLANES, format_planes
        from inpaint_core.project.model import FILLS, SNAPSHOT

        made = [entry.recipe for entry in document.history.entries[: document.history.position]]
        backs = [len(made) - index for index, recipe in enumerate(made) if self._holds(recipe)]
        values: dict[str, object] = {"name": name, FILLS: ",".join(map(str, backs))}
        if document.planes != self.planes:
            values[PLANES] = format_planes(self.planes)
        with document.edit(SNAPSHOT, values) as editing:
            for layer, key in sorted({*self.tiles, *_list_changed(document)}):
                rect = tile_rect(key, document.shape)
                now = editing.read(layer, rect)
                if (layer, key) in self.tiles:
                    then = np.broadcast_to(self.tiles[layer, key], now.shape)
                elif layer in ("pixels", "alpha"):
                    then = editing.read_original(layer, rect)
                else:
                    then = np.zeros_like(now)
                if not np.array_equal(now, then):
                    editing.write(layer, rect, then)

    def _holds(self, recipe: Recipe | None) -> bool:
        return any(recipe is each for each in self.recipes)


def _list_changed(document: Document) -> set[tuple[Layer, TileKey]]:
    """The tiles that edits changed, but for the semantic map's."""
    from app.document.layer_tiles import tiles_in

    done = document.history.entries[: document.history.position]
    rects = (each for entry in done for each in entry.rects if each[0] != "semantic")
    return {(layer, key) for layer, rect in rects for key in tiles_in(rect)}


class Snapshots(QObject):
    """The snapshots of the current photo. ``settle`` ends a stroke that is under way.
    ``changed()``: there are others.
    """

    changed = Signal()

    def __init__(self, controller: Controller, settle: Callable[[], None]) -> None:
        super().__init__()
        self._controller, self._settle = controller, settle
        self._snapshots: dict[Session, dict[str, Snapshot]] = {}
        controller.current_changed.connect(lambda _: self.changed.emit())
        controller.session_closed.connect(lambda session: self._snapshots.pop(session, None))

    @property
    def _own(self) -> dict[str, Snapshot]:
        current = self._controller.current
        return {} if current is None else self._snapshots.setdefault(current, {})

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Their names, with nothing to say about them."""
        return [(name, "") for name in self._own]

    @property
    def can_save(self) -> bool:
        """Whether there is a photo."""
        return self._controller.current is not None

    def save(self, name: str) -> None:
        """Keep the photo as it is under ``name``."""
        self._settle()
        session = self._controller.current
        if session is not None and not session.document.is_editing:
            self._own[name] = Snapshot.of(session.document)
            self.changed.emit()

    def use(self, name: str) -> None:
        """Bring the photo back to a snapshot."""
        self._settle()
        session = self._controller.current
        if session is not None and not session.document.is_editing:
            self._own[name].restore(session.document, name)

    def remove(self, name: str) -> None:
        """Forget a snapshot."""
        self._own.pop(name, None)
        self.changed.emit()
