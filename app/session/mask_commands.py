"""Commands on the whole mask and the semantic map of the current photo, and their files.

A mask is saved as a picture, and edges drawn by hand as a second one beside it.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.configuration.text import t
from app.session.controller import Controller
from app.session.notice import Notice
from app.session.session import Session
from app.workers.decoder.decoding_work import decode_mask, decode_semantic_map, decode_strokes
from app.workers.decoder.limits import DecodeLimits
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.workers.decoder.decoder_pool import DecoderPool
    from inpaint_core.contract.choices import Layer
    from inpaint_core.photo.mask_picture import MaskReading

    Plane = NDArray[np.uint8]

_OPERATIONS_BY_PIXELS = ("grow", "shrink", "feather", "smooth")
"""Operations that take the setting "mask.step" as an argument."""


class MaskCommands:
    """Changes, loads and saves the mask of the current photo of ``controller``; loads and removes
    its semantic map.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def change(self, operation: str) -> None:
        """Apply an operation of `mask_operations` ("grow", "invert", ...) to the mask."""
        from app.document import mask_operations

        session = self._controller.current
        if session is None or session.document.is_editing:
            return
        step = int(self._controller.settings.get("mask.step"))
        arguments = (step,) if operation in _OPERATIONS_BY_PIXELS else ()
        rect, values = getattr(mask_operations, operation)(session.document.mask, *arguments)
        with session.document.edit(f"history.{operation}", {"pixels": step}) as editing:
            editing.write("mask", rect, values)

    def bring_back(self) -> None:
        """Add the mask of the last fill to what is painted now."""
        import numpy as np

        session = self._controller.current
        if session is None or session.document.is_editing or session.variations is None:
            return
        part = session.variations.mask
        now = session.document.mask[part.rect.slices]
        together = np.maximum(now, part.load())
        if not np.array_equal(together, now):
            with session.document.edit("history.again") as editing:
                editing.write("mask", part.rect, together)

    def clear_layer(self, layer: Layer) -> None:
        """Remove all that was painted in another layer: the protected area, the area to copy from,
        or the drawn edges.
        """
        from app.document import mask_operations

        session = self._controller.current
        if session is None or session.document.is_editing or not session.has_painted(layer):
            return
        rect, values = mask_operations.clear(session.document.read(layer))
        with session.document.edit(f"history.{layer}.cleared") as editing:
            editing.write(layer, rect, values)

    def load(self, path: Path) -> None:
        """Use the picture in a file as the mask."""
        controller = self._controller
        session = controller.current
        if session is None:
            return
        shape = session.document.shape
        controller.start_task(
            lambda progress: read_mask_files(path, shape, progress, controller.decoder),
            t("window.opening", name=path.name),
            partial(self._on_read, session),
        )

    def _on_read(
        self, session: Session, reading_and_edges: tuple[MaskReading, Plane | None]
    ) -> None:
        from inpaint_core.contract.geometry import Rect

        reading, edges = reading_and_edges
        if session not in self._controller.sessions or session.document.is_editing:
            return
        with session.document.edit("history.load") as editing:
            editing.write("mask", Rect.whole(reading.mask.shape), reading.mask)
            if edges is not None:
                editing.write("edges", Rect.whole(reading.mask.shape), edges)
        if reading.notes:
            doubts = " ".join(t.message(note) for note in reading.notes)
            self._controller.post_notice(Notice(doubts, is_calm=True))

    def load_semantic(self, path: Path) -> None:
        """Use the picture in a file, which has the photo's size, as the semantic map."""
        controller = self._controller
        session = controller.current
        if session is None:
            return
        shape = session.document.shape

        def read(progress: Progress) -> Plane:
            return controller.decoder.run(
                decode_semantic_map,
                path,
                shape,
                path=path,
                limits=DecodeLimits.for_file(path),
                progress=progress,
            )

        text = t("window.opening", name=path.name)
        controller.start_task(read, text, partial(self._on_map_read, session, path.name))

    def _on_map_read(self, session: Session, name: str, labels: Plane) -> None:
        if session not in self._controller.sessions or session.document.is_editing:
            return
        if not labels.any():
            hint = t("window.semantic.black.hint")
            self._controller.post_notice(Notice(t("window.semantic.black", name=name), hint))
            return
        session.notice = None  # which may say that a map is needed
        if session is self._controller.current:
            self._controller.clear_notice()
        session.document.set_semantic(labels)

    def clear_semantic(self) -> None:
        """Remove the semantic map."""
        session = self._controller.current
        if session is not None and not session.document.is_editing:
            session.document.set_semantic(None)

    def save(self, path: Path) -> None:
        """Write the mask, and drawn edges beside it, as pictures."""
        controller = self._controller
        session = controller.current
        if session is None:
            return
        mask, has_edges = session.document.mask.copy(), session.document.is_written("edges")
        edges = session.document.edges.copy() if has_edges else None
        beside = t("window.edges_saved", name=edges_path(path).name) if has_edges else ""
        saved = Notice(t("window.mask_saved", name=path.name), beside, is_calm=True, fades=True)
        controller.start_task(
            partial(write_mask_files, path, mask, edges),
            t("window.saving", name=path.name),
            lambda _: controller.post_notice(saved),
        )


def edges_path(mask: Path) -> Path:
    """The file of the edges drawn for a mask: “mask.edges.png” for “mask.png”."""
    return mask.with_suffix(".edges.png")


def read_mask_files(
    path: Path, shape: tuple[int, int], progress: Progress, decoder: DecoderPool
) -> tuple[MaskReading, Plane | None]:
    """The mask with notes, and its edges (None: there are none), (H, W) uint8, of ``shape``.

    Raises as `read_mask`.
    """
    import numpy as np

    limits = DecodeLimits.for_file(path)
    reading = decoder.run(decode_mask, path, shape, path=path, limits=limits, progress=progress)
    beside = edges_path(path)
    if not beside.is_file():
        return reading, None
    limits = DecodeLimits.for_file(beside)
    strokes = decoder.run(
        decode_strokes, beside, shape, path=beside, limits=limits, progress=progress
    )
    return reading, np.where(strokes > 127, 255, 0).astype(np.uint8)


def write_mask_files(path: Path, mask: Plane, edges: Plane | None, progress: Progress) -> None:
    """Write the mask (white = fill) and the edges (white = edge) as pictures.

    Without edges their file is not written, but an existing one is overwritten with an empty one,
    as it would be read with this mask. Raises `CannotWrite`.
    """
    import numpy as np

    from inpaint_core.photo.photo import Photo, grey_pixels
    from inpaint_core.photo.write_photo import write_photo

    write_photo(path, Photo(grey_pixels(mask), is_grey=True), overwrite=True)
    progress.check()
    beside = edges_path(path)
    if edges is None and beside.is_file():
        edges = np.zeros_like(mask)
    if edges is not None:
        write_photo(beside, Photo(grey_pixels(edges), is_grey=True), overwrite=True)
