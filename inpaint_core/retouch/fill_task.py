"""One photo from file to file: read, fill, write."""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest, CannotWrite
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator
from inpaint_core.photo.check_saved import Check, check_saved
from inpaint_core.photo.mask_picture import require_hole
from inpaint_core.photo.metadata.privacy import Choice
from inpaint_core.photo.output_options import Output, ProfileChoice, now, prepared
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_mask, read_photo
from inpaint_core.photo.tone import Tone, tone
from inpaint_core.photo.transparency import with_hole
from inpaint_core.photo.write_photo import format_of, write_photo
from inpaint_core.raster.soft_masks import soften
from inpaint_core.retouch.edge_file import read_edges
from inpaint_core.retouch.line_file import check_lines, read_lines
from inpaint_core.retouch.output_places import check_apart, check_place, put, same_file

# The parts of the progress bar that reading and filling end at; writing takes the rest.
_READ, _FILLED = 0.05, 0.95


@dataclass(frozen=True)
class Task:
    """One fill: the files it reads and writes, and how it is to be done."""

    photo: Path
    mask: Path
    out: Path
    engine: str
    device: str = "auto"
    seed: int = 0
    grow: int = 0
    feather: float = 2.0
    protect: Path | None = None
    source: Path | None = None
    lines: Path | None = None
    edges: Path | None = None
    quality: int | None = None
    max_pixels: int | None = None
    offsets: Path | None = None
    overwrite: bool = False
    overwrite_original: bool = False
    chroma: str = ""
    profile: ProfileChoice = "keep"
    metadata: Choice = "all"
    history: bool = False

    @classmethod
    def of(cls, args: argparse.Namespace, photo: Path, mask: Path, out: Path) -> Task:
        """The task with the options of `inpaint_core.cli.options`."""
        return cls(
            photo,
            mask,
            out,
            args.engine,
            args.device,
            args.seed,
            args.grow,
            args.feather,
            args.protect,
            args.source,
            args.lines,
            args.edges,
            args.quality,
            args.max_pixels,
            overwrite=args.overwrite,
            chroma=args.chroma,
            profile=args.profile,
            metadata=args.metadata,
            history=args.history,
        )

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that is read, the photo first."""
        named = (self.photo, self.mask, self.protect, self.source, self.lines, self.edges)
        return tuple(path for path in named if path is not None)

    @property
    def may_replace(self) -> bool:
        """True when a file that stands where the result goes may be replaced."""
        return self.overwrite or self.overwrite_original

    def check(self) -> None:
        """Find out what can be known before any work is done: the engine and the outputs' places.

        Raises `UnknownEngine`, `CannotWrite` or `BadRequest`.
        """
        spec = generator(self.engine)
        format_of(self.out)
        if same_file(self.out, self.photo):
            if not self.overwrite_original:
                raise CannotWrite(
                    f"“{self.out}” is the photo itself.",
                    "Choose another name, or say --overwrite-original to lose the original.",
                )
            check_apart(self.out, self.inputs[1:])
        else:
            check_apart(self.out, self.inputs)
        check_place(self.out, self.may_replace)
        if self.offsets is not None:
            if self.offsets.suffix.lower() != ".npz":
                raise CannotWrite(
                    f"“{self.offsets}”: the offset field is written as .npz only.",
                    "Choose a name that ends in .npz.",
                )
            if "offsets" not in spec.products and not spec.native_stage:
                raise BadRequest(
                    f"The engine “{spec.id}” copies no pixels, so it has no offset field.",
                    "Leave --offsets out, or choose another engine.",
                )
            check_apart(self.offsets, (*self.inputs, self.out))
            check_place(self.offsets, self.overwrite)


@dataclass(frozen=True, eq=False)
class Done:
    """A finished task. ``photo`` is what was read, ``timings`` are seconds by stage; ``losses`` are
    sentences on what of the file or of the options could not be honoured. ``check`` is what
    reading the output again showed.
    """

    task: Task
    photo: Photo
    masked: int
    result: InpaintResult
    timings: Mapping[str, float]
    losses: tuple[str, ...]
    check: Check


@dataclass
class Stopwatch:
    """Seconds by stage, in the order the stages were entered."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the block's time as ``name``."""
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def perform(task: Task, engine: Engine, progress: Progress) -> Done:
    """Do the task. Nothing is written before everything is computed.

    Raises an `InpaintError`, or `Cancelled`; the output is then what it was before.
    """
    watch = Stopwatch()
    with watch.stage("read"):
        progress.report(0.0, "Reading the photo")
        photo, request, curve = _read(task)
    result = engine.inpaint(request, progress.part(_READ, _FILLED))
    if result.rect.empty:
        raise BadRequest(
            f"Nothing is left of the mask when it shrinks by {-task.grow} pixels.",
            "Take a --grow nearer to 0.",
        )
    if task.offsets is not None and "offsets" not in result.products:
        raise BadRequest("This fill has no offset field.", "Leave --offsets out.")
    progress.report(_FILLED, "Writing")
    with watch.stage("write"):
        output = Output(task.metadata, task.profile, now() if task.history else None)
        with _filled(photo, request, result, curve) as filled:
            lost = _write(task, filled, output)
    with watch.stage("check"):
        # The file is there: to stop now would not undo it.
        before = photo
        if task.profile != "keep":  # no block of the original has these numbers
            before = replace(prepared(photo, output)[0], jpeg=None)
        check = check_saved(
            task.out, before, reached(request), quality=task.quality, max_pixels=photo.pixels.size
        )
    if task.offsets is not None:
        with watch.stage("write offsets"):
            _write_offsets(task.offsets, result)
    return Done(
        task,
        photo,
        int(np.count_nonzero(request.mask)),
        result,
        {"read": watch.seconds.pop("read"), **result.timings, **watch.seconds},
        (*photo.notes, *lost, *_unused(task), *_missed(task, request, result)),
        check,
    )


@contextmanager
def _filled(
    photo: Photo, request: InpaintRequest, result: InpaintResult, curve: Tone | None
) -> Iterator[Photo]:
    """The filled photo, for as long as the block runs: of a large photo there is no room for a
    second one, so the ``photo`` lends its pixels, and gets back what was under the fill.
    """
    at = result.rect.slices
    if curve is None:
        found = result.pixels
    else:
        inside = replace(result, rect=Rect(0, 0, result.rect.w, result.rect.h))
        found = curve.applied(photo.pixels[at], request.image[at], inside)
    alpha = with_hole(photo.alpha, request.mask, request.grow, request.feather)
    pixels = photo.pixels if photo.pixels.flags.writeable else photo.pixels.copy()
    before = pixels[at].copy()
    pixels[at] = found
    try:
        yield replace(photo, pixels=pixels, alpha=alpha)
    finally:
        pixels[at] = before


def _write(task: Task, filled: Photo, output: Output) -> tuple[str, ...]:
    """Write the output, and say what it cost."""
    ready, cost = prepared(filled, output)
    return cost + write_photo(
        task.out,
        ready,
        quality=task.quality,
        sampling=task.chroma,
        overwrite=task.may_replace,
    )


def reached(request: InpaintRequest) -> BoolMask:
    """(H, W): True where the grown and feathered mask lets the fill replace the photo."""
    soft = soften(request.mask, request.grow, request.feather)
    touched = np.zeros(request.mask.shape, np.bool_)
    touched[soft.rect.slices] = soft.alpha > 0
    return touched


def _unused(task: Task) -> tuple[str, ...]:
    """A sentence for each of --quality and --chroma that the format has no use for."""
    kind = format_of(task.out).name
    said: tuple[str, ...] = ()
    if task.quality is not None and kind not in ("JPEG", "WebP"):
        said += (f"{kind} keeps every pixel as it is: --quality was not used.",)
    if task.chroma and kind != "JPEG":
        said += (f"{kind} has no chroma sampling to choose: --chroma was not used.",)
    return said


def _missed(task: Task, request: InpaintRequest, result: InpaintResult) -> tuple[str, ...]:
    """A sentence when not one of the edges lies in the hole."""
    if request.edges is None:
        return ()
    at = result.rect.slices
    if (request.edges[at] & (request.mask[at] > 0)).any():
        return ()
    return (f"No edge of “{task.edges}” lies in the hole, so none was used.",)


def _read(task: Task) -> tuple[Photo, InpaintRequest, Tone | None]:
    """The photo, what is asked of the engine, and the tone curve that was exchanged for it."""
    lines = () if task.lines is None else read_lines(task.lines)
    limit = {} if task.max_pixels is None else {"max_pixels": task.max_pixels}
    photo = read_photo(task.photo, **limit)
    shape = photo.shape
    check_lines(lines, shape)
    mask = read_mask(task.mask, shape, **limit)
    require_hole(mask, str(task.mask))
    curve = tone(photo)
    request = InpaintRequest(
        photo.pixels if curve is None else curve.working(photo.pixels),
        mask,
        task.engine,
        task.seed,
        task.grow,
        task.feather,
        protect=None if task.protect is None else read_mask(task.protect, shape, **limit) >= 128,
        sources=None if task.source is None else read_mask(task.source, shape, **limit) >= 128,
        lines=lines,
        edges=None if task.edges is None else read_edges(task.edges, shape, **limit),
        device=task.device,
        want=frozenset() if task.offsets is None else frozenset({"offsets"}),
    )
    return photo, request, curve


def _write_offsets(path: Path, result: InpaintResult) -> None:
    rect = result.rect
    put(
        path,
        lambda stream: np.savez_compressed(
            stream,
            offsets=result.products["offsets"],
            rect=np.array([rect.x, rect.y, rect.w, rect.h], np.int64),
        ),
    )


def photo_facts(path: Path, photo: Photo) -> dict[str, Any]:
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


def file_facts(path: Path) -> dict[str, Any]:
    """What a report says about a file that was written, as JSON values."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"path": str(path), "bytes": path.stat().st_size, "sha256": digest}


def describe(done: Done) -> dict[str, Any]:
    """What a report says about a finished task, as JSON values."""
    task, photo, result = done.task, done.photo, done.result
    return {
        "photo": photo_facts(task.photo, photo),
        "mask": {"path": str(task.mask), "pixels": done.masked},
        "output": file_facts(task.out),
        "check": {**asdict(done.check), "said": done.check.sentence},
        "offsets": None if task.offsets is None else str(task.offsets),
        "engine": result.engine,
        "device": result.device,
        "seed": result.seed,
        "weights_sha256": result.weights_sha256,
        "options": {
            "device": task.device,
            "grow": task.grow,
            "feather": task.feather,
            "quality": task.quality,
            "chroma": task.chroma or None,
            "profile": task.profile,
            "metadata": task.metadata,
            "history": task.history,
            "protect": None if task.protect is None else str(task.protect),
            "source": None if task.source is None else str(task.source),
            "lines": None if task.lines is None else str(task.lines),
            "edges": None if task.edges is None else str(task.edges),
        },
        "rect": asdict(result.rect),
        "plan": [dict(step) for step in result.plan],
        "notes": list(result.notes),
        "losses": list(done.losses),
        "timings": {stage: round(seconds, 4) for stage, seconds in done.timings.items()},
    }
