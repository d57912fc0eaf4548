"""What was done, in order, and where in it the document stands."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from app.document.layers import Layers
from app.document.patch import Edit, Entry, Patch
from app.document.spill_file import Spill

Step = tuple[Entry, Callable[[], tuple[Patch, ...]]]

_log = logging.getLogger(__name__)


class History:
    """All edits of a document. ``limit`` is what their patches may hold in memory, in bytes.

    Beyond it, patches of the edits that are farthest from where the document stands go to a
    nameless file in ``spill`` (None: the system's folder for temporary files).
    Nothing is dropped but what was undone before something else was done.
    """

    def __init__(self, layers: Layers, limit: int, spill: Path | None) -> None:
        self._layers = layers
        self._limit = limit
        self._spill = Spill(spill)
        self._edits: list[Edit] = []
        self._position = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The edits, the oldest first, with those that were undone."""
        return tuple(edit.entry for edit in self._edits)

    def readers(self) -> tuple[tuple[Step, ...], Callable[[], None]]:
        """Every edit with what gives its patches as they are now (see `Edit.reader`): the state
        before it where it is done, the one after it where it was undone. Call the second value
        when nobody reads any more.
        """
        release = self._spill.hold()
        return tuple((edit.entry, edit.reader()) for edit in self._edits), release

    @property
    def position(self) -> int:
        """How many of the entries are done: 0 is the photo as it was opened."""
        return self._position

    @property
    def can_undo(self) -> bool:
        """True when there is something to take back."""
        return self._position > 0

    @property
    def can_redo(self) -> bool:
        """True when there is something to do again."""
        return self._position < len(self._edits)

    @property
    def limit(self) -> int:
        """What the patches may hold in memory, in bytes; applies at once when it is set."""
        return self._limit

    @limit.setter
    def limit(self, value: int) -> None:
        self._limit = value
        self._bound()

    @property
    def state(self) -> int:
        """Names the state of the document: 0 as opened, else the last done entry's serial."""
        return self._edits[self._position - 1].entry.serial if self._position else 0

    @property
    def bytes(self) -> int:
        """What the patches hold in memory."""
        return sum(edit.bytes for edit in self._edits)

    @property
    def spilled(self) -> int:
        """What the patches take on the disk, in bytes."""
        return self._spill.size

    def push(self, edit: Edit) -> None:
        """Add an edit that is done; what was undone before it is dropped."""
        for dropped in self._edits[self._position :]:
            dropped.drop()
        del self._edits[self._position :]
        self._edits.append(edit)
        self._position += 1
        self._bound()

    def back(self) -> Entry:
        """Take one edit back. Raises IndexError when there is none, and `FileUnreadable`."""
        if not self.can_undo:
            raise IndexError("nothing to undo")
        edit = self._edits[self._position - 1]
        edit.swap(self._layers)
        self._position -= 1
        self._bound()
        return edit.entry

    def forward(self) -> Entry:
        """Do one edit again. Raises IndexError when there is none, and `FileUnreadable`."""
        if not self.can_redo:
            raise IndexError("nothing to redo")
        edit = self._edits[self._position]
        edit.swap(self._layers)
        self._position += 1
        self._bound()
        return edit.entry

    def _bound(self) -> None:
        held = self.bytes
        places = sorted(range(len(self._edits)), key=self._distance, reverse=True)
        for place in places:
            if held <= self._limit:
                return
            edit = self._edits[place]
            size = edit.bytes
            if size:
                try:
                    edit.spill(self._spill)
                except OSError as error:  # a full disk must not cost a step of the history
                    _log.warning("the history stays in memory: %s", error)
                    return
                held -= size

    def _distance(self, place: int) -> float:
        # Between the two edits next to the position, the one to be undone stays in memory.
        return abs(place + 0.6 - self._position)
