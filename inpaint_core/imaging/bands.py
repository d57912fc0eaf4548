"""The rows of a TIFF in the strips that they lie in, each decoded on its own.

Source: TIFF 6.0, sections 3 (strips) and 14 (differences); Adobe Photoshop TIFF notes (Deflate).
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

from inpaint_core.imaging.flow import in_order

_NONE, _DEFLATE, _DIFFERENCES = 1, frozenset({8, 32946}), 2
_SPARE = 1 << 16  # bytes that a strip may have too much, beside the rows of a whole one


@dataclass(frozen=True, eq=False, slots=True)
class Bands:
    """How a page's samples lie in its strips: ``shape`` (H, W, samples), ``rows`` to a strip.

    ``places`` are offset and bytes of each strip in the file.
    """

    shape: tuple[int, int, int]
    rows: int
    dtype: np.dtype[Any]
    packed: bool
    differences: bool
    places: tuple[tuple[int, int], ...]

    def strip(self, number: int, content: bytes | memoryview) -> NDArray[Any]:
        """The samples (rows, W, samples) of a strip whose bytes in the file are ``content``.

        Takes no more memory than they have, whatever the strip inflates to. Raises ValueError
        or zlib.error for a damaged one.
        """
        height, width, samples = self.shape
        count = min(self.rows, height - number * self.rows) * width * samples
        size = count * self.dtype.itemsize
        if self.packed:
            opener = zlib.decompressobj()
            content = opener.decompress(content, size)
            if not opener.eof:  # the checksum is still to be read, and what a writer padded with
                most = self.rows * width * samples * self.dtype.itemsize - size + _SPARE
                if len(opener.decompress(opener.unconsumed_tail, most)) >= most:
                    raise ValueError("a strip that inflates to more than it may have")
        if len(content) < size:
            raise ValueError("a strip that is truncated")
        values = np.frombuffer(content, self.dtype, count).reshape(-1, width, samples)
        native = values.astype(self.dtype.newbyteorder("="), copy=False)
        if self.differences:
            return np.add.accumulate(native, axis=1, dtype=native.dtype)
        return native

    def whole(self, data: bytes) -> NDArray[Any]:
        """All samples (H, W, samples), in the machine's byte order, of the file ``data``."""
        out = np.empty(self.shape, self.dtype.newbyteorder("="))
        view = memoryview(data)

        def put(number: int) -> None:
            at, size = self.places[number]
            found = self.strip(number, view[at : at + size])
            top = number * self.rows
            out[top : top + len(found)] = found

        for _ in in_order(put, range(len(self.places))):
            pass
        return out


def bands(page: Any) -> Bands | None:
    """How the strips of tifffile's ``page`` are to be read; None for any but the plain layout:
    whole samples of all channels together, in strips, not compressed or deflated.
    """
    shape = (int(page.imagelength), int(page.imagewidth), int(page.samplesperpixel))
    dtype = page.dtype
    places = tuple(zip(page.dataoffsets, page.databytecounts, strict=True))
    plain = (
        not page.is_tiled
        and (page.planarconfig == 1 or shape[2] == 1)
        and page.imagedepth == 1
        and page.fillorder == 1
        and (page.compression == _NONE or page.compression in _DEFLATE)
        and dtype is not None
        and dtype.kind in "uf"
        and dtype.itemsize * 8 == page.bitspersample
        and (page.predictor == 1 or (page.predictor == _DIFFERENCES and dtype.kind == "u"))
        and all(size > 0 for _, size in places)
    )
    rows = min(int(page.rowsperstrip), shape[0]) if plain else 0
    if not plain or rows < 1 or len(places) != math.ceil(shape[0] / rows):
        return None
    return Bands(
        shape,
        rows,
        dtype.newbyteorder(page.parent.byteorder),
        page.compression != _NONE,
        page.predictor == _DIFFERENCES,
        places,
    )


def from_file(path: Path) -> Iterator[NDArray[Any]] | None:
    """The strips of the first page in a TIFF file, one after the other, from the top; None for
    a layout that is not plain.

    Raises whatever tifffile raises over a file that is none, and ValueError, zlib.error or
    OSError on the way.
    """
    import tifffile

    with path.open("rb") as stream, tifffile.TiffFile(stream) as file:
        found = bands(file.pages[0])
    return None if found is None else _strips(path, found)


def _strips(path: Path, layout: Bands) -> Iterator[NDArray[Any]]:
    with path.open("rb") as stream:

        def contents() -> Iterator[tuple[int, bytes]]:
            for number, (at, size) in enumerate(layout.places):
                stream.seek(at)
                yield number, stream.read(size)

        yield from in_order(lambda item: layout.strip(*item), contents())
