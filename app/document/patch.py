"""What an edit changed, kept so that it can be taken back and done again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.document.change import Layer
from app.document.layers import Layers
from inpaint_core.errors import FileUnreadable
from inpaint_core.geometry import Rect


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
    edits of a document have the same.
    """

    name_key: str
    values: Mapping[str, object]
    rects: tuple[tuple[Layer, Rect], ...]
    serial: int

    @property
    def bounds(self) -> Rect:
        """The smallest rectangle that holds all changes."""
        held = Rect(0, 0, 0, 0)
        for _, rect in self.rects:
            held = held.union(rect)
        return held


class Edit:
    """An entry's patches, in memory or in a file."""

    def __init__(self, entry: Entry, patches: tuple[Patch, ...]) -> None:
        self.entry = entry
        self._patches = patches
        self._file: Path | None = None

    @property
    def bytes(self) -> int:
        """What its patches hold in memory, 0 when they are in a file."""
        return sum(patch.values.nbytes for patch in self._patches) if self._file is None else 0

    def swap(self, layers: Layers) -> None:
        """Take the edit back, or do it again. Raises `FileUnreadable`; nothing has changed then."""
        self._load()
        for patch in self._patches:
            patch.swap(layers)

    def spill(self, folder: Path) -> None:
        """Move the patches into a file in ``folder``. Raises OSError; they are kept then.

        Uncompressed: the thread that paints does this, and zlib takes twenty times longer.
        """
        path = folder / f"{self.entry.serial}-{secrets.token_hex(4)}.patches"
        try:
            with path.open("xb") as stream:
                for patch in self._patches:
                    stream.write(patch.values.data)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        self._file = path
        for patch in self._patches:
            # A view of one zero: shape and dtype are remembered, the memory is given back.
            shape, kind = patch.values.shape, patch.values.dtype
            patch.values = np.broadcast_to(np.zeros((), kind), shape)

    def drop(self) -> None:
        """Forget the patches; the edit cannot be swapped any more."""
        self._patches = ()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _load(self) -> None:
        if self._file is None:
            return
        try:
            with self._file.open("rb") as stream:
                read = [np.fromfile(stream, p.values.dtype, p.values.size) for p in self._patches]
        except OSError as error:
            raise _lost(self._file) from error
        if any(v.size != p.values.size for v, p in zip(read, self._patches, strict=True)):
            raise _lost(self._file)
        for values, patch in zip(read, self._patches, strict=True):
            patch.values = values.reshape(patch.values.shape)
        self._file.unlink(missing_ok=True)
        self._file = None


def _lost(path: Path) -> FileUnreadable:
    return FileUnreadable(
        f"This step of the history cannot be read any more: “{path}” is missing or damaged.",
        "The photo stays as it is now; something removed files of the editor while it was running.",
    )
