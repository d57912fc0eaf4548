"""The strips or tiles of a TIFF, each decoded on its own.

Source: TIFF 6.0, sections 3 (strips), 14 (differences) and 15 (tiles); Adobe Photoshop TIFF notes
(Deflate).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.photo.strips import map_in_order

_NONE, _DEFLATE, _DIFFERENCES = 1, frozenset({8, 32946}), 2
_SMALL = 1 << 24  # pixels of a tile that may be larger than the photo
_SPARE = 1 << 16  # bytes by which a strip may be too long, beside the rows of a whole one


@dataclass(frozen=True, eq=False, slots=True)
class StripLayout:
    """How a page stores its samples: ``shape`` (H, W, samples), ``rows`` and ``columns`` of a strip
    or tile.

    ``is_separate``: each holds one channel, all of the first channel first. ``places`` are the
    offset and the size in bytes of each in the file.
    """

    shape: tuple[int, int, int]
    rows: int
    columns: int
    is_tiled: bool
    is_separate: bool
    dtype: np.dtype[Any]
    is_deflated: bool
    has_differences: bool
    places: tuple[tuple[int, int], ...]

    @property
    def grid(self) -> tuple[int, int, int]:
        """The number of strips or tiles: (planes, down, across)."""
        height, width, samples = self.shape
        down, across = math.ceil(height / self.rows), math.ceil(width / self.columns)
        return samples if self.is_separate else 1, down, across

    def piece(self, number: int, content: bytes | memoryview) -> NDArray[Any]:
        """The samples (rows, columns, samples) of a strip or tile from its bytes in the
        file, without what lies beyond the photo.

        Never takes more memory than the samples, whatever the strip inflates to. Raises ValueError
        or zlib.error for a damaged one.
        """
        samples = 1 if self.is_separate else self.shape[2]
        _, down, across = self.grid
        top = number // across % down * self.rows
        high, wide = self.shape[0] - top, self.shape[1] - number % across * self.columns
        # The last strip ends with the photo; a tile is always whole.
        rows = self.rows if self.is_tiled else min(self.rows, high)
        size = rows * self.columns * samples * self.dtype.itemsize
        if self.is_deflated:
            opener = zlib.decompressobj()
            content = opener.decompress(content, size)
            if not opener.eof:  # the checksum follows, and what a writer padded with
                most = self.rows * self.columns * samples * self.dtype.itemsize - size + _SPARE
                if len(opener.decompress(opener.unconsumed_tail, most)) >= most:
                    raise ValueError("a strip that inflates to more than it may have")
        if len(content) < size:
            raise ValueError("a strip that is truncated")
        values = np.frombuffer(content, self.dtype, size // self.dtype.itemsize)
        values = values.reshape(rows, self.columns, samples)
        native = values.astype(self.dtype.newbyteorder("="), copy=False)
        if self.has_differences:
            native = np.add.accumulate(native, axis=1, dtype=native.dtype)
        return native[:high, :wide]

    def whole(self, data: bytes) -> NDArray[Any]:
        """All samples (H, W, samples), in the machine's byte order, of the file ``data``."""
        out = np.empty(self.shape, self.dtype.newbyteorder("="))
        view = memoryview(data)
        _, down, across = self.grid

        def put(number: int) -> None:
            at, size = self.places[number]
            found = self.piece(number, view[at : at + size])
            plane, row, column = np.unravel_index(number, (self.grid[0], down, across))
            top, left = int(row) * self.rows, int(column) * self.columns
            target = out[top : top + found.shape[0], left : left + found.shape[1]]
            target[:, :, int(plane) : int(plane) + found.shape[2]] = found

        for _ in map_in_order(put, range(len(self.places))):
            pass
        return out


def find_layout(page: Any) -> StripLayout | None:
    """The layout of tifffile's ``page``; None for samples that are not whole bytes, or are
    compressed in another way than by Deflate.

    Raises ValueError for tiles that would take far more memory than the photo.
    """
    shape = (int(page.imagelength), int(page.imagewidth), int(page.samplesperpixel))
    dtype = page.dtype
    places = tuple(zip(page.dataoffsets, page.databytecounts, strict=True))
    plain = (
        page.imagedepth == 1
        and page.fillorder == 1
        and (page.compression == _NONE or page.compression in _DEFLATE)
        and dtype is not None
        and dtype.kind in "uf"
        and dtype.itemsize * 8 == page.bitspersample
        and (page.predictor == 1 or (page.predictor == _DIFFERENCES and dtype.kind == "u"))
        and all(size > 0 for _, size in places)
    )
    if not plain:
        return None
    rows = int(page.tilelength) if page.is_tiled else min(int(page.rowsperstrip), shape[0])
    columns = int(page.tilewidth) if page.is_tiled else shape[1]
    if rows < 1 or columns < 1:
        return None
    # Sides of tiles are multiples of 16.
    if rows * columns > max(_SMALL, (shape[0] + 15) * (shape[1] + 15)):
        raise ValueError("tiles that are larger than the photo")
    found = StripLayout(
        shape,
        rows,
        columns,
        bool(page.is_tiled),
        page.planarconfig == 2 and shape[2] > 1,
        dtype.newbyteorder(page.parent.byteorder),
        page.compression != _NONE,
        page.predictor == _DIFFERENCES,
        places,
    )
    return found if len(places) == math.prod(found.grid) else None


def read_strips(path: Path) -> Iterator[NDArray[Any]] | None:
    """The strips of the first page in a TIFF file from the top; None where they are not plain
    strips of all channels together.

    Raises whatever tifffile raises over other files, and ValueError, zlib.error or OSError during
    iteration.
    """
    import tifffile

    with path.open("rb") as stream, tifffile.TiffFile(stream) as file:
        found = find_layout(file.pages[0])
    if found is None or found.is_tiled or found.is_separate:
        return None
    return _iter_strips(path, found)


def _iter_strips(path: Path, layout: StripLayout) -> Iterator[NDArray[Any]]:
    with path.open("rb") as stream:

        def contents() -> Iterator[tuple[int, bytes]]:
            for number, (at, size) in enumerate(layout.places):
                stream.seek(at)
                yield number, stream.read(size)

        yield from map_in_order(lambda item: layout.piece(*item), contents())
