"""One photo from file to file: read, fill, write, check."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest, CannotWrite
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import OutputOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintResult
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import find_usable
from inpaint_core.photo.check_saved import Check
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.formats.registry import find_writable_format
from inpaint_core.photo.photo import Photo, join_lost_notes
from inpaint_core.retouch.fill_files import FillFiles, Finding
from inpaint_core.retouch.output_places import (
    check_apart,
    check_distinct,
    check_place,
    same_file,
    write_whole,
)
from inpaint_core.retouch.retouch import Retouch
from inpaint_core.retouch.save_photo import save_photo

# The parts of the progress bar that reading and filling end at; writing takes the rest.
READ, FILLED = 0.05, 0.95


@dataclass(frozen=True)
class FillTask:
    """One fill: the ``files`` it reads, the file ``out`` and how that is written.

    ``offsets`` is the file for the offset field. ``overwrite`` replaces outputs that exist;
    ``overwrite_original`` allows ``out`` to be the photo itself.
    """

    files: FillFiles
    out: Path
    output: OutputOptions = field(default_factory=OutputOptions)
    offsets: Path | None = None
    overwrite: bool = False
    overwrite_original: bool = False

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that is read, the photo first."""
        return self.files.paths

    def check(self) -> None:
        """Find out what can be known before any work is done: the engine and the outputs' places.

        Raises `UnknownEngine`, `WeightsUnavailable`, `CannotWrite` or `BadRequest`.
        """
        spec = find_usable(self.files.options.engine)
        find_writable_format(self.out)
        if same_file(self.out, self.files.photo):
            if not self.overwrite_original:
                raise CannotWrite("retouch.output_is_photo", path=self.out)
            if self.output.resize is not None:
                raise CannotWrite("retouch.output_is_photo_resized", path=self.out)
            check_apart(self.out, self.inputs[1:])
        else:
            check_apart(self.out, self.inputs)
        check_place(self.out, self.overwrite or self.overwrite_original)
        if self.offsets is not None:
            if self.offsets.suffix.lower() != ".npz":
                raise CannotWrite("command.offsets_not_npz", path=self.offsets)
            if "offsets" not in spec.products and not spec.native_stage:
                raise BadRequest("command.engine_without_offsets", engine=spec.id)
            check_apart(self.offsets, self.inputs)
            check_distinct(self.offsets, (self.out,))
            check_place(self.offsets, self.overwrite)

    def perform(self, engine: Engine, progress: Progress) -> FinishedFill:
        """Do the task. Nothing is written before everything is computed.

        Raises an `InpaintError`, or `Cancelled`; the output is then what it was before.
        """
        started = time.perf_counter()
        seen = FileVersion.at(self.out)
        progress.report(0.0, Message("retouch.reading_photo"))
        photo, mask, options, doubts = self.files.read()
        timings = {"read": time.perf_counter() - started}
        known = find_writable_format(self.out)
        retouch = Retouch(photo, known.has_layers(self.output.layers))
        want = frozenset() if self.offsets is None else frozenset({"offsets", "perspective"})
        result = retouch.fill(mask, options, engine, progress.part(READ, FILLED), want)
        if result.rect.is_empty:
            raise nothing_left(options.grow)
        if self.offsets is not None and "offsets" not in result.products:
            raise BadRequest("command.fill_without_offsets")
        masked = int(np.count_nonzero(mask))
        unused = (*self._unused_options(), *self._missed_edges(mask, options.edges, result))
        del photo, mask, options  # a large photo leaves no room for them while it is written
        filled, reached = retouch.finish()
        saved = save_photo(
            self.out,
            filled,
            reached,
            self.output,
            overwrite=self.overwrite or self.overwrite_original,
            seen=seen,
            progress=progress.part(FILLED, 1.0),
        )
        timings |= {**result.timings, **saved.timings}
        if self.offsets is not None:
            began = time.perf_counter()
            _write_offsets(self.offsets, result)
            timings["write offsets"] = time.perf_counter() - began
        losses = (*doubts, *filled.notes, *result.warnings, *saved.notes, *saved.loss, *unused)
        said = join_lost_notes(losses)
        return FinishedFill(self, filled, masked, result, timings, said, saved.check)

    def _unused_options(self) -> tuple[Message, ...]:
        """A note for each of --quality, --chroma and --layers that the format has no use for."""
        known = find_writable_format(self.out)
        notes: tuple[Message, ...] = ()
        if self.output.quality is not None and not known.has_quality:
            notes += (Message("retouch.quality_unused", format=known.title),)
        if self.output.chroma and not known.has_chroma:
            notes += (Message("retouch.chroma_unused", format=known.title),)
        if self.output.layers and known.layers == "never":
            notes += (Message("retouch.layers_unused", format=known.title),)
        return notes

    def _missed_edges(
        self, mask: NDArray[np.uint8], edges: BoolMask | None, result: InpaintResult
    ) -> tuple[Message, ...]:
        """A note when not one of the edges lies in the hole."""
        here = result.rect.slices
        if edges is None or (edges[here] & (mask[here] > 0)).any():
            return ()
        return (Message("command.edges_outside_hole", path=self.files.options.edges),)


@dataclass(frozen=True, eq=False)
class FinishedFill:
    """A finished task. ``photo`` is the filled one, ``masked`` the number of pixels that the mask
    marked, ``timings`` are seconds by stage; ``losses`` say what of the file or of the options
    could not be honoured and what in the masks may be meant otherwise, and ``check`` what reading
    the output again showed.
    """

    task: FillTask
    photo: Photo
    masked: int
    result: InpaintResult
    timings: Mapping[str, float]
    losses: tuple[Message, ...]
    check: Check

    @property
    def notes(self) -> tuple[Message, ...]:
        """What the engine has to say of the fill."""
        return self.result.notes

    def describe(self) -> dict[str, Any]:
        """What a report says about it, as JSON values."""
        task, result = self.task, self.result
        files, options, output = task.files, task.files.options, task.output
        return {
            "photo": describe_photo(files.photo, self.photo),
            "mask": {**_describe_mask(files.mask), "pixels": self.masked},
            "output": describe_file(task.out),
            "check": describe_check(self.check),
            "offsets": _text(task.offsets),
            "engine": result.engine,
            "device": result.device,
            "seed": result.seed,
            "weights_sha256": result.weights_sha256,
            "options": {
                "device": options.device,
                "grow": options.grow,
                "feather": options.feather,
                **describe_output(output),
                "protect": _text(options.protect),
                "source": _text(options.source),
                "lines": _text(files.lines),
                "planes": [list(plane.numbers) for plane in options.planes],
                "perspective": options.perspective,
                "regularity": options.regularity,
                "edges": _text(options.edges),
                "semantic": _text(options.semantic),
            },
            "rect": asdict(result.rect),
            "plan": [dict(step) for step in result.plan],
            "notes": [str(note) for note in result.notes],
            "losses": [str(loss) for loss in self.losses],
            "timings": {stage: round(seconds, 4) for stage, seconds in self.timings.items()},
        }


def _describe_mask(mask: Path | Finding) -> dict[str, Any]:
    if isinstance(mask, Finding):
        return {"found": mask.kind, "sensitivity": mask.sensitivity}
    return {"path": str(mask)}


def nothing_left(grow: int | None) -> BadRequest:
    """The refusal of a mask that shrank to nothing."""
    return BadRequest("retouch.mask_shrunk_away", pixels=-(grow or 0))


def describe_photo(path: Path, photo: Photo) -> dict[str, Any]:
    """What a report says about a photo that was read, as JSON values."""
    height, width = photo.shape
    return {
        "path": str(path),
        "width": width,
        "height": height,
        "format": photo.format,
        "bits": photo.bits,
        "alpha": photo.alpha is not None,
        "icc_profile": photo.icc is not None,
    }


def describe_file(path: Path) -> dict[str, Any]:
    """What a report says about a file that was written, as JSON values."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"path": str(path), "bytes": path.stat().st_size, "sha256": digest}


def describe_check(check: Check) -> dict[str, Any]:
    """What a report says about reading the output again, as JSON values."""
    return {**asdict(check), "said": " ".join(map(str, check.messages))}


def describe_output(output: OutputOptions) -> dict[str, Any]:
    """What a report says about how the output was to be written, as JSON values."""
    return {
        "quality": output.quality,
        "chroma": output.chroma or None,
        "profile": output.profile,
        "metadata": output.metadata,
        "history": output.note_in_xmp,
        "layers": output.layers,
        "resize": None if output.resize is None else asdict(output.resize),
    }


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _write_offsets(path: Path, result: InpaintResult) -> None:
    rect = result.rect
    write_whole(
        path,
        lambda stream: np.savez_compressed(
            stream,
            offsets=result.products["offsets"],
            perspective=result.products.get("perspective", np.zeros(result.strength.shape, bool)),
            rect=np.array([rect.x, rect.y, rect.w, rect.h], np.int64),
        ),
    )
