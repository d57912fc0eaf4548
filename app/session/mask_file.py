"""The mask as a picture, and beside it the edges that were drawn into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.workers.decoder import decoding_work as work
from app.workers.decoder.bounds import Bounds
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.workers.decoder.decoder import Decoder

    Plane = NDArray[np.uint8]


def edges_of(mask: Path) -> Path:
    """Where the drawn edges of the mask in a file lie: “mask.png” has “mask.edges.png”."""
    return mask.with_suffix(".edges.png")


def read(
    path: Path, shape: tuple[int, int], progress: Progress, decoder: Decoder
) -> tuple[Plane, Plane | None]:
    """The mask and the edges beside it, (H, W) uint8 each, scaled to ``shape`` where they have
    another size; None for no edges. Raises as `read_mask`.
    """
    import numpy as np

    def strengths(place: Path) -> Plane:
        bounds = Bounds.of(place)
        return decoder.run(work.mask, place, shape, path=place, bounds=bounds, progress=progress)

    mask = strengths(path)
    beside = edges_of(path)
    if not beside.is_file():
        return mask, None
    edges = strengths(beside)
    return mask, np.where(edges > 127, 255, 0).astype(np.uint8)


def write(path: Path, mask: Plane, edges: Plane | None, progress: Progress) -> None:
    """Write them as pictures: white = fill, white = edge. Without edges there is no file for them,
    but one that is there already is made empty, as it would be read with this mask.

    Raises `CannotWrite`.
    """
    import numpy as np

    from inpaint_core.photo.photo import Photo, grey_pixels
    from inpaint_core.photo.write_photo import write_photo

    write_photo(path, Photo(grey_pixels(mask), grey=True), overwrite=True)
    progress.check()
    beside = edges_of(path)
    if edges is None and beside.is_file():
        edges = np.zeros_like(mask)
    if edges is not None:
        write_photo(beside, Photo(grey_pixels(edges), grey=True), overwrite=True)
