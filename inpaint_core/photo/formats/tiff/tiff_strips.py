"""The samples of a TIFF in the strips or tiles that they lie in, each decoded on its own.

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

from inpaint_core.photo.strip_threads import in_order

_NONE, _DEFLATE, _DIFFERENCES = 1, frozenset({8, 32946}), 2
_SMALL = 1 << 24  # pixels of a tile that may be larger than the photo
_SPARE = 1 << 16  # bytes that a strip may have too much, beside the rows of a whole one


@dataclass(frozen=True, eq=False, slots=True)
class Bands:
    """How a page's samples lie in its strips or tiles: ``shape`` (H, W, samples), ``rows`` and
    ``columns`` of each.

    ``separate``: each holds one channel, first all of the first channel. ``places`` are offset and
    bytes of each in the file.
    """

    shape: tuple[int, int, int]
    rows: int
    columns: int
    tiled: bool
    separate: bool
    dtype: np.dtype[Any]
    packed: bool
    differences: bool
    places: tuple[tuple[int, int], ...]

    @property
    def grid(self) -> tuple[int, int, int]:
        """How many strips or tiles: (of planes, down, across)."""
        height, width, samples = self.shape
        down, across = math.ceil(height / self.rows), math.ceil(width / self.columns)
        return samples if self.separate else 1, down, across

    def piece(self, number: int, content: bytes | memoryview) -> NDArray[Any]:
        """The samples (rows, columns, samples) of a strip or tile whose bytes in the file are
        ``content``, without what lies beyond the photo.

        Takes no more memory than they have, whatever the strip inflates to. Raises ValueError
        or zlib.error for a damaged one.
        """
        samples = 1 if self.separate else self.shape[2]
        _, down, across = self.grid
        top = number // across % down * self.rows
        high, wide = self.shape[0] - top, self.shape[1] - number % across * self.columns
        # The last strip ends with the photo; a tile is always whole.
        rows = self.rows if self.tiled else min(self.rows, high)
        size = rows * self.columns * samples * self.dtype.itemsize
        if self.packed:
            opener = zlib.decompressobj()
            content = opener.decompress(content, size)
            if not opener.eof:  # the checksum is still to be read, and what a writer padded with
                most = self.rows * self.columns * samples * self.dtype.itemsize - size + _SPARE
                if len(opener.decompress(opener.unconsumed_tail, most)) >= most:
                    raise ValueError("a strip that inflates to more than it may have")
        if len(content) < size:
            raise ValueError("a strip that is truncated")
        values = np.frombuffer(content, self.dtype, size // self.dtype.itemsize)
        values = values.reshape(rows, self.columns, samples)
        native = values.astype(self.dtype.newbyteorder("="), copy=False)
        if self.differences:
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

        for _ in in_order(put, range(len(self.places))):
            pass
        return out


def bands(page: Any) -> Bands | None:
    """How the strips or tiles of tifffile's ``page`` are to be read; None where that is not plain:
    samples that are no whole bytes, or packed in another way than deflated.

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
    found = Bands(
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


def from_file(path: Path) -> Iterator[NDArray[Any]] | None:
    """The strips of the first page in a TIFF file, one after the other, from the top; None where
    they are not plain strips of all channels together.

    Raises whatever tifffile raises over a file that is none, and ValueError, zlib.error or
    OSError on the way.
    """
    import tifffile

    with path.open("rb") as stream, tifffile.TiffFile(stream) as file:
        found = bands(file.pages[0])
    if found is None or found.tiled or found.separate:
        return None
    return _strips(path, found)


def _strips(path: Path, layout: Bands) -> Iterator[NDArray[Any]]:
    with path.open("rb") as stream:

        def contents() -> Iterator[tuple[int, bytes]]:
            for number, (at, size) in enumerate(layout.places):
                stream.seek(at)
                yield number, stream.read(size)

        yield from in_order(lambda item: layout.piece(*item), contents())
