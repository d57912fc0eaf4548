"""The undo history: the edits in order, and how many of them are done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from app.document.layers import Layers
from app.document.patch import HistoryEntry, Patch, StoredEdit
from app.document.spill_file import SpillFile

HistoryStep = tuple[HistoryEntry, Callable[[], tuple[Patch, ...]]]

_log = logging.getLogger(__name__)


class History:
    """All edits of a document. ``limit`` bounds the memory of their patches in bytes.

    Beyond it, patches of the edits farthest from the current position go to an unnamed file in
    ``spill`` (None: the system's temporary folder). Only edits that were undone before a new
    edit are dropped.
    """

    def __init__(self, layers: Layers, limit: int, spill: Path | None) -> None:
        self._layers = layers
        self._limit = limit
        self.spill = SpillFile(spill)
        self._edits: list[StoredEdit] = []
        self._position = 0
        self._memory_bytes = 0

    @property
    def entries(self) -> tuple[HistoryEntry, ...]:
        """The edits, the oldest first, including those that were undone."""
        return tuple(edit.entry for edit in self._edits)

    def make_readers(self) -> tuple[tuple[HistoryStep, ...], Callable[[], None]]:
        """Every entry with a reader of its current patches (see `StoredEdit.make_reader`): the
        state before a done edit, the state after an undone one. Call the second value when
        reading has finished.
        """
        release = self.spill.hold()
        return tuple((edit.entry, edit.make_reader()) for edit in self._edits), release

    @property
    def position(self) -> int:
        """How many of the entries are done: 0 is the photo as opened."""
        return self._position

    @property
    def can_undo(self) -> bool:
        """True if there is an edit to undo."""
        return self._position > 0

    @property
    def can_redo(self) -> bool:
        """True if there is an edit to redo."""
        return self._position < len(self._edits)

    @property
    def limit(self) -> int:
        """The most bytes that patches may hold in memory; applies as soon as it is set."""
        return self._limit

    @limit.setter
    def limit(self, value: int) -> None:
        self._limit = value
        self._enforce_limit()

    @property
    def state(self) -> int:
        """Identifies the document's state: 0 as opened, else the last done entry's serial."""
        return self._edits[self._position - 1].entry.serial if self._position else 0

    @property
    def memory_bytes(self) -> int:
        """Bytes that the patches hold in memory."""
        return self._memory_bytes

    def push(self, edit: StoredEdit) -> None:
        """Add an edit that is done and drop the undone ones after the position."""
        for dropped in self._edits[self._position :]:
            self._memory_bytes -= dropped.memory_bytes
            dropped.drop()
        del self._edits[self._position :]
        self._edits.append(edit)
        self._memory_bytes += edit.memory_bytes
        self._position += 1
        self._enforce_limit()

    def undo(self) -> HistoryEntry:
        """Undo one edit. Raises IndexError if there is none, and `FileUnreadable`."""
        if not self.can_undo:
            raise IndexError("nothing to undo")
        return self._swap(self._edits[self._position - 1], -1)

    def redo(self) -> HistoryEntry:
        """Redo one edit. Raises IndexError if there is none, and `FileUnreadable`."""
        if not self.can_redo:
            raise IndexError("nothing to redo")
        return self._swap(self._edits[self._position], 1)

    def _swap(self, edit: StoredEdit, step: int) -> HistoryEntry:
        before = edit.memory_bytes
        try:
            edit.swap(self._layers)
        finally:
            self._memory_bytes += edit.memory_bytes - before
        self._position += step
        self._enforce_limit()
        return edit.entry

    def _enforce_limit(self) -> None:
        if self._memory_bytes <= self._limit:
            return
        for index in sorted(range(len(self._edits)), key=self._distance, reverse=True):
            if self._memory_bytes <= self._limit:
                return
            edit = self._edits[index]
            size = edit.memory_bytes
            if size:
                try:
                    edit.spill(self.spill)
                except OSError as error:  # a full disk must not cost a step of the history
                    _log.warning("the history stays in memory: %s", error)
                    return
                self._memory_bytes -= size

    def _distance(self, index: int) -> float:
        # Of the two edits next to the position, the one to undo stays in memory.
        return abs(index + 0.6 - self._position)
